//! The only writer to standard output and standard error.

use std::fmt;
use std::io::{self, BufWriter, IsTerminal, Write};

/// Where answers and remarks go.
pub struct Output {
    answers: Box<dyn Write + Send>,
    remarks: Box<dyn Write + Send>,
    watched: bool,
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output").field("watched", &self.watched).finish_non_exhaustive()
    }
}

impl Output {
    /// Standard output and standard error of the process.
    pub fn of_process() -> Output {
        Output {
            answers: Box::new(BufWriter::with_capacity(1 << 16, io::stdout())),
            remarks: Box::new(io::stderr()),
            watched: io::stderr().is_terminal(),
        }
    }

    /// The buffered writer for answers.
    pub fn answers(&mut self) -> &mut dyn Write {
        &mut self.answers
    }

    /// Writes one line of the answer.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn line(&mut self, text: impl fmt::Display) -> io::Result<()> {
        writeln!(self.answers, "{text}")
    }

    /// Writes what is still buffered.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn flush(&mut self) -> io::Result<()> {
        self.answers.flush()
    }

    /// A remark on standard error. That nobody reads it is no failure.
    pub fn remark(&mut self, text: impl fmt::Display) {
        let _ = writeln!(self.remarks, "namesake: {text}");
    }

    /// Progress, written over itself, where somebody watches a terminal.
    pub fn progress(&mut self, text: impl fmt::Display) {
        if self.watched {
            let _ = write!(self.remarks, "\r\x1b[Knamesake: {text}");
            let _ = self.remarks.flush();
        }
    }

    /// Ends the line that progress was written on.
    pub fn progress_done(&mut self) {
        if self.watched {
            let _ = write!(self.remarks, "\r\x1b[K");
        }
    }
}
