import ConvNetAIG
import ConvNetAIGModels

let session = try Session(weights: EmbeddedModel.standard.weights(), backend: .openCL())
let image = try Image(contentsOf: CommandLine.arguments[1])
let prediction = try session.predict([image])[0]

print("\(prediction.topClasses[0].name ?? "?"): \(prediction.topClasses[0].probability)")
print("ran \(prediction.graph.executed.count { $0 }) of \(prediction.graph.executed.count) blocks,")
print("\(prediction.graph.macs) of \(prediction.graph.denseMACs) multiply-accumulates")
