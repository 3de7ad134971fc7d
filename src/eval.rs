//! Measures the matcher on labelled leads, and learns from them.
//!
//! 1. [`cases`]: labelled leads and the registry they are asked against, read from files;
//! 2. [`outcome`]: each lead routed, and what became of it beside its label;
//! 3. [`figures`]: outcomes counted: recall, routes, precision by tier ([`wilson`]), calibration;

pub mod boost;
pub mod cases;
pub mod figures;
pub mod fit;
pub mod mistakes;
pub mod outcome;
pub mod questions;
pub mod thresholds;
pub mod wilson;

pub use cases::{CaseSet, CasesError, LabeledLead};
pub use figures::{Figures, Ranking, Report, SetReport};
pub use fit::{Fitted, learn};
pub use outcome::{Best, Fate, Outcome, judge};
pub use questions::QuestionSet;
