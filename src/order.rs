//! Sorting by texts that live all over the heap: their beginnings are fetched once and sorted in one place.

/// The numbers under `count` in the order of their texts; equal texts in the order of numbers.
pub(crate) fn by_text<'t>(count: usize, text: impl Fn(u32) -> &'t str) -> Vec<u32> {
    let mut keys: Vec<(u128, u32)> = (0..count as u32).map(|at| (beginning(text(at)), at)).collect();
    keys.sort_unstable_by(|(one, one_at), (other, other_at)| {
        one.cmp(other).then_with(|| text(*one_at).cmp(text(*other_at))).then(one_at.cmp(other_at))
    });
    keys.into_iter().map(|(_, at)| at).collect()
}

/// The first sixteen bytes as a number that sorts as they do: zeros stand behind a shorter text, as nothing does.
pub(crate) fn beginning(text: &str) -> u128 {
    let mut bytes = [0; 16];
    let len = text.len().min(bytes.len());
    bytes[..len].copy_from_slice(&text.as_bytes()[..len]);
    u128::from_be_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_order_is_that_of_the_whole_texts(texts in proptest::collection::vec("[ab\0é]{0,19}", 0..40)) {
            let mut expected: Vec<u32> = (0..texts.len() as u32).collect();
            expected.sort_by_key(|at| &texts[*at as usize]);
            prop_assert_eq!(by_text(texts.len(), |at| &texts[at as usize]), expected);
        }
    }
}
