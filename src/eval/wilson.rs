//! How sure a share is that was counted on few leads: Wilson's score interval.

use serde::Serialize;

/// Of so many trials so many succeeded, with the interval that holds the true share in 19 of 20 cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Share {
    /// Successes.
    pub count: usize,
    /// Trials.
    pub of: usize,
    /// `count / of`; 0.0 where nothing was tried.
    pub share: f64,
    /// Lower end of the 95 % interval, 0.0 to 1.0.
    pub low: f64,
    /// Upper end of the 95 % interval, 0.0 to 1.0.
    pub high: f64,
}

/// The quantile of the normal distribution that leaves 2.5 % on each side.
const Z: f64 = 1.959_963_985;

impl Share {
    /// The share of `count` successes in `of` trials. Without a trial, anything from 0.0 to 1.0 is possible.
    ///
    /// Wilson, "Probable inference, the law of succession, and statistical inference", 1927: unlike the usual
    /// plus or minus, it holds for small counts and for shares near 1.
    pub fn new(count: usize, of: usize) -> Share {
        if of == 0 {
            return Share { high: 1.0, ..Share::default() };
        }
        let (n, share) = (of as f64, count as f64 / of as f64);
        let center = share + Z * Z / (2.0 * n);
        let spread = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
        let scale = 1.0 + Z * Z / n;
        let (low, high) = ((center - spread) / scale, (center + spread) / scale);
        Share { count, of, share, low: low.max(0.0), high: high.min(1.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// To four digits, as tables print it.
    #[track_caller]
    fn check(count: usize, of: usize, low: f64, high: f64) {
        let share = Share::new(count, of);
        assert!((share.low - low).abs() < 5e-5, "{share:?}");
        assert!((share.high - high).abs() < 5e-5, "{share:?}");
    }

    #[test]
    fn the_interval_is_the_published_one() {
        // Newcombe, "Two-sided confidence intervals for the single proportion", 1998, table I, method 3.
        check(81, 263, 0.2553, 0.3662);
        check(15, 148, 0.0624, 0.1605);
        check(0, 20, 0.0, 0.1611);
        check(1, 29, 0.0061, 0.1718);
    }

    #[test]
    fn nothing_tried_says_nothing() {
        let share = Share::new(0, 0);
        assert_eq!((share.share, share.low, share.high), (0.0, 0.0, 1.0));
    }

    #[test]
    fn all_of_few_is_less_sure_than_all_of_many() {
        assert!(Share::new(5, 5).low < Share::new(500, 500).low);
        assert_eq!(Share::new(5, 5).high, 1.0);
    }
}
