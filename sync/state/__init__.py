"""What must outlive a restart and the source does not remember: history, media ledger, holds."""
