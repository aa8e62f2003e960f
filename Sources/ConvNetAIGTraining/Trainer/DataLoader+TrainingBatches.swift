extension DataLoader: TrainingBatches {}
