extension BatchLoader: TrainingBatches {}
