/// What a batch came to, who decided on its gates, and what ran when.
struct RecordedBatch {
    let result: InferenceResult
    /// Per gate.
    let deciders: [Scheduling]
    /// What `automatic` weighed, where it did.
    let costs: SchedulingCosts?
    let recording: Recording
}
