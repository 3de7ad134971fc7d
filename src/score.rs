//! The one number that thresholds use.

use std::fmt;

/// Evidence or similarity in basis points: 0 (nothing shared) to 10 000 (equal).
///
/// An integer, so that scores are `Ord`, a tie is exact and replicas agree to the last digit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Score(u16);

impl Score {
    /// Nothing shared.
    pub const ZERO: Score = Score(0);
    /// Equal.
    pub const MAX: Score = Score(10_000);

    /// A score of `bps` basis points; more than 10 000 counts as 10 000.
    pub const fn from_bps(bps: u16) -> Score {
        if bps > 10_000 { Score::MAX } else { Score(bps) }
    }

    /// The score of a share between 0.0 and 1.0, rounded to the nearest basis point.
    ///
    /// Values outside the range are clamped; `NaN` counts as 0.
    pub fn from_share(share: f32) -> Score {
        // A float-to-integer cast saturates and maps NaN to 0, so no input can wrap around.
        Score((share.clamp(0.0, 1.0) * 10_000.0).round() as u16)
    }

    /// Basis points, 0 to 10 000 inclusive.
    pub const fn bps(self) -> u16 {
        self.0
    }

    /// The same score as a share, 0.0 to 1.0 inclusive.
    pub fn share(self) -> f32 {
        f32::from(self.0) / 10_000.0
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn share_outside_the_range_is_clamped() {
        assert_eq!(Score::from_share(1.7), Score::MAX);
        assert_eq!(Score::from_share(-0.1), Score::ZERO);
        assert_eq!(Score::from_share(f32::NAN), Score::ZERO);
        assert_eq!(Score::from_bps(u16::MAX), Score::MAX);
    }

    #[test]
    fn share_rounds_to_the_nearest_basis_point() {
        assert_eq!(Score::from_share(0.123_46).bps(), 1_235);
        assert_eq!(Score::from_bps(4_200).share(), 0.42);
    }
}
