import ConvNetAIG
import Foundation
import TestSupport
import Testing

/// torchvision's ResNet-18, saved in every way, gives PyTorch's logits.
@Suite(.serialized, .timeLimit(.minutes(10))) struct PyTorchParityTests {
    /// A Python that has torch and safetensors: what `AIG_PYTHON` or `AIG_PEERS_PYTHON` names, or python3.
    private static let python: String? = {
        let environment = ProcessInfo.processInfo.environment
        let candidates = [environment["AIG_PYTHON"], environment["AIG_PEERS_PYTHON"], "python3"].compactMap { $0 }
        return candidates.first { (try? ShellCommand.run([$0, "-c", "import torch, safetensors"]))?.status == 0 }
    }()

    /// torchvision's names and layers, for a Python that has it or not. Its classes are used where it can be imported.
    private static let script = """
        import sys, torch
        from torch import nn
        from safetensors.torch import save_file

        class Block(nn.Module):
            def __init__(self, inputs, outputs, stride):
                super().__init__()
                self.conv1, self.bn1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs)
                self.conv2, self.bn2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs)
                self.downsample = None
                if stride != 1:
                    self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
            def forward(self, x):
                y = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
                return (y + (x if self.downsample is None else self.downsample(x))).relu()

        class ResNet18(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv1, self.bn1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64)
                inputs = 64
                for stage, width in enumerate((64, 128, 256, 512)):
                    blocks = [Block(inputs, width, 1 if stage == 0 else 2), Block(width, width, 1)]
                    setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
                    inputs = width
                self.fc = nn.Linear(512, 1000)
            def forward(self, x):
                x = nn.functional.max_pool2d(self.bn1(self.conv1(x)).relu(), 3, 2, 1)
                x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
                return self.fc(x.mean((2, 3)))

        torch.manual_seed(3)
        try:
            from torchvision.models import resnet18
            net = resnet18()
        except Exception:
            net = ResNet18()
        net.eval()
        for module in net.modules():
            if isinstance(module, nn.BatchNorm2d):
                nn.init.uniform_(module.weight, 0.3, 0.7); nn.init.normal_(module.bias, 0, 0.1)
                nn.init.normal_(module.running_mean, 0, 0.1); nn.init.uniform_(module.running_var, 0.5, 1.5)
        images = torch.randn(2, 3, 96, 64)
        folder, state = sys.argv[1], net.state_dict()
        with torch.no_grad():
            save_file({"input": images, "logits": net(images)}, folder + "/input.safetensors")
        torch.save(state, folder + "/zip.pth")
        torch.save(state, folder + "/legacy.pth", _use_new_zipfile_serialization=False)
        for name, type in (("F32", torch.float32), ("F16", torch.float16), ("BF16", torch.bfloat16)):
            halved = {key: value.to(type) if value.is_floating_point() else value for key, value in state.items()}
            save_file(halved, f"{folder}/{name}.safetensors")
            torch.save({"state_dict": {"module." + key: value for key, value in halved.items()}}, f"{folder}/{name}.pth")
        """

    @Test(.enabled(if: python != nil, "neither AIG_PYTHON nor AIG_PEERS_PYTHON nor python3 has torch and safetensors"))
    func resNet18() async throws {
        let folder = try TemporaryFolder()
        let script = try folder.file("save.py", Array(Self.script.utf8))
        let saved = try ShellCommand.run([try #require(Self.python), script, folder.path])
        #expect(saved.status == 0, "\(saved.output)")
        let expected = try SafetensorsFile(path: folder.file("input.safetensors")).floats("logits")
        let largest = try #require(expected.map(abs).max())
        for (name, tolerance) in [
            ("zip.pth", 1e-4), ("legacy.pth", 1e-4), ("F32.safetensors", 1e-4), ("F32.pth", 1e-4),
            ("F16.safetensors", 1e-2), ("F16.pth", 1e-2), ("BF16.safetensors", 1e-2), ("BF16.pth", 1e-2),
        ] as [(String, Float)] {
            // The architecture is told from the tensors.
            let outcome = try await AIGProcess.run(
                "run", "--weights", folder.file(name), "--input", folder.file("input.safetensors"), "--output",
                folder.file("output.safetensors"), "--backend", "reference")
            #expect(outcome.status == 0, "\(outcome.errors)")
            let logits = try SafetensorsFile(path: folder.file("output.safetensors")).floats("logits")
            #expect(logits.count == expected.count)
            let error = (zip(logits, expected).map { abs($0 - $1) }.max() ?? .infinity) / largest
            #expect(error < tolerance, "\(name): \(error)")
        }
    }
}
