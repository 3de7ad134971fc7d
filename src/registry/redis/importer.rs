//! Writing what an import does: changes to the live epoch, or a whole new one that takes its place.

use super::connection::Connection;
use super::error::HomeError;
use super::read::{Contents, Position};
use super::writer::{Change, Interrupted, Mode};
use crate::registry::import::Plan;

impl Connection {
    /// Writes a plan made for `before`: its `changes`, or the whole anew where the registry is replaced or
    /// was not there. `progress` hears how many records are written, of how many.
    ///
    /// # Errors
    /// [`Interrupted`]; with [`HomeError::RegistryChanged`] where the whole was to be replaced and somebody
    /// wrote meanwhile: then nothing was done.
    pub async fn write_plan(
        &mut self,
        plan: &Plan,
        changes: &[Change],
        before: Option<&Contents>,
        replace: bool,
        mut progress: impl FnMut(usize, usize),
    ) -> Result<(), Interrupted> {
        match before {
            Some(before) if !replace => {
                let told = |done| progress(done, changes.len());
                self.apply(before.position.epoch, Mode::Live, changes, told).await?;
                Ok(())
            }
            _ => {
                let everything = plan.everything();
                let told = |done| progress(done, everything.len());
                let stood = before.map(|before| before.position.clone());
                let done = self.fill_and_flip(&everything, stood, told).await;
                done.map_err(|error| Interrupted { done: 0, error })
            }
        }
    }

    /// Writes a new epoch beside the live one, which stays untouched whatever happens before the flip.
    async fn fill_and_flip(
        &mut self,
        everything: &[Change],
        before: Option<Position>,
        progress: impl FnMut(usize),
    ) -> Result<(), HomeError> {
        let new = self.begin_epoch(before).await?;
        let filled = self.apply(new.epoch, Mode::Fill, everything, progress).await;
        let flipped = match filled {
            Ok(filled) => self.flip(&new, filled.as_ref()).await,
            // Somebody else's flip doomed this epoch, and it was deleted.
            Err(Interrupted { error: HomeError::NoEpoch { .. }, .. }) => Err(HomeError::RegistryChanged),
            Err(interrupted) => Err(interrupted.error),
        };
        if let Err(error) = flipped {
            // What was written is of no use to anybody. If it cannot be deleted now, a later import does it.
            let _ = self.delete_epoch(new.epoch).await;
            return Err(error);
        }
        self.delete_unused_epochs().await?;
        Ok(())
    }
}
