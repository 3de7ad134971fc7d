//! Measures the matcher on labelled leads, and learns from them.

pub mod boost;
