// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "ConvNetAIG",
    products: [
        .library(name: "ConvNetAIG", targets: ["ConvNetAIG"]),
        .library(name: "ConvNetAIGModels", targets: ["ConvNetAIGModels"]),
        .library(name: "ConvNetAIGTraining", targets: ["ConvNetAIGTraining"]),
        .library(name: "ConvNetAIGStudies", targets: ["ConvNetAIGStudies"]),
        .library(name: "ConvNetAIGReport", targets: ["ConvNetAIGReport"]),
        .library(name: "OpenCL", targets: ["OpenCL"]),
        .executable(name: "aig", targets: ["aig"]),
        .executable(name: "aig-benchmark", targets: ["aig-benchmark"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.7.0"),
    ],
    targets: [
        .systemLibrary(
            name: "COpenCL", path: "Sources/COpenCL", pkgConfig: "OpenCL",
            providers: [.apt(["ocl-icd-opencl-dev", "opencl-headers"])]),
        .systemLibrary(
            name: "CCLBlast", path: "Sources/CCLBlast", pkgConfig: "clblast",
            providers: [.apt(["libclblast-dev"])]),
        .systemLibrary(
            name: "CTurboJPEG", path: "Sources/CTurboJPEG", pkgConfig: "libturbojpeg",
            providers: [.apt(["libturbojpeg0-dev"])]),
        .systemLibrary(
            name: "CSPNG", path: "Sources/CSPNG", pkgConfig: "spng",
            providers: [.apt(["libspng-dev"])]),
        .systemLibrary(
            name: "CWebP", path: "Sources/CWebP", pkgConfig: "libwebp",
            providers: [.apt(["libwebp-dev"])]),
        .systemLibrary(
            name: "CArchive", path: "Sources/CArchive", pkgConfig: "libarchive",
            providers: [.apt(["libarchive-dev"])]),
        .systemLibrary(name: "CFTS", path: "Sources/CFTS"),
        .systemLibrary(name: "CMalloc", path: "Sources/CMalloc"),
        .target(name: "FileSystem", dependencies: ["CFTS", .product(name: "SystemPackage", package: "swift-system")]),
        .target(name: "Archives", dependencies: ["CArchive", "FileSystem"]),
        .target(name: "Images", dependencies: ["CTurboJPEG", "CSPNG", "CWebP", "FileSystem"]),
        .target(name: "Pickle", dependencies: ["FileSystem"]),
        .target(name: "Datasets", dependencies: ["Archives", "FileSystem", "Images", "Pickle"]),
        .target(name: "Statistics"),
        .target(name: "Charts", dependencies: ["Statistics"]),
        .target(name: "OpenCL", dependencies: ["COpenCL"]),
        .target(
            name: "Kernels", path: "Kernels",
            resources: [
                .embedInCode("Common.cl"), .embedInCode("Convolution.cl"), .embedInCode("Winograd.cl"),
                .embedInCode("Pooling.cl"),
                .embedInCode("Shortcut.cl"), .embedInCode("Gate.cl"), .embedInCode("Linear.cl"),
                .embedInCode("BatchNormalization.cl"), .embedInCode("Halo.cl"), .embedInCode("ImplicitGEMM.cl"),
                .embedInCode("Im2col.cl"),
                .embedInCode("NormalizationState.cl"), .embedInCode("TrainingNormalization.cl"),
                .embedInCode("SharedNormalization.cl"),
                .embedInCode("WeightPacking.cl"),
                .embedInCode("WeightGradient.cl"), .embedInCode("WeightGradientGEMM.cl"),
                .embedInCode("WinogradTransforms.cl"), .embedInCode("WinogradWeightGradient.cl"),
                .embedInCode("InputGradient.cl"),
                .embedInCode("TrainingGate.cl"), .embedInCode("SharedGate.cl"),
                .embedInCode("TrainingClassifier.cl"), .embedInCode("SharedClassifier.cl"),
                .embedInCode("TrainingPooling.cl"),
                .embedInCode("Optimizer.cl"),
                .embedInCode("Attack.cl"),
            ]),
        .target(name: "Operators", dependencies: ["OpenCL", "CCLBlast", "Kernels", "FileSystem"]),
        .target(
            name: "ConvNetAIG",
            dependencies: ["FileSystem", "Images", "Operators", "Pickle"],
            resources: [.embedInCode("Model/Weights/ImageNetClasses.txt")]),
        // Trained weights, only in programs that use them. The weights are no resources: the C sources embed them.
        .target(name: "CModels", exclude: ["weights"]),
        .target(name: "ConvNetAIGModels", dependencies: ["CModels", "ConvNetAIG"]),
        .target(
            name: "ConvNetAIGTraining",
            dependencies: [
                "Charts", "ConvNetAIG", "Datasets", "FileSystem", "OpenCL", "Kernels", "Operators", "Statistics",
            ]),
        .target(name: "ConvNetAIGReport", dependencies: ["Charts", "Statistics"]),
        .target(
            name: "ConvNetAIGStudies",
            dependencies: [
                "Charts", "ConvNetAIG", "ConvNetAIGTraining", "ConvNetAIGReport", "FileSystem", "Statistics",
            ]),
        // What both programs print with.
        .target(
            name: "Terminal",
            dependencies: ["FileSystem", .product(name: "ArgumentParser", package: "swift-argument-parser")]),
        .executableTarget(
            name: "aig",
            dependencies: [
                "Archives", "Charts", "ConvNetAIG", "ConvNetAIGModels", "ConvNetAIGReport", "ConvNetAIGStudies",
                "ConvNetAIGTraining", "Datasets", "FileSystem", "OpenCL", "CMalloc", "Statistics", "Terminal",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(
            name: "aig-benchmark",
            dependencies: [
                "ConvNetAIG", "ConvNetAIGModels", "ConvNetAIGTraining", "OpenCL", "Statistics", "Terminal",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Benchmarks",
            exclude: [
                "run", "publish", "Models", "Peers/prepare.sh", "Peers/requirements.txt", "Peers/serve.py",
                "Peers/architectures.py", "Peers/onnx_networks.py", "Peers/torch_networks.py",
                "Peers/torch_training.py",
            ]),
        .executableTarget(
            name: "aig-fuzz",
            dependencies: [
                "Archives", "ConvNetAIG", "Datasets", "Images", "Pickle",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/Fuzz"),
        .target(name: "TestSupport", dependencies: ["ConvNetAIG", "ConvNetAIGTraining"], path: "Tests/TestSupport"),
        .testTarget(name: "OpenCLTests", dependencies: ["OpenCL"]),
        .testTarget(name: "FileSystemTests", dependencies: ["FileSystem", "TestSupport"]),
        .testTarget(name: "ImagesTests", dependencies: ["Images", "TestSupport"]),
        .testTarget(name: "ArchivesTests", dependencies: ["Archives", "FileSystem", "TestSupport"]),
        .testTarget(name: "PickleTests", dependencies: ["FileSystem", "Pickle", "TestSupport"]),
        .testTarget(
            name: "DatasetsTests",
            dependencies: [
                "Archives", "ConvNetAIGModels", "ConvNetAIGTraining", "Datasets", "FileSystem", "TestSupport",
            ]),
        .testTarget(
            name: "ConvNetAIGTests",
            dependencies: ["ConvNetAIG", "ConvNetAIGModels", "OpenCL", "Operators", "CCLBlast", "TestSupport"]),
        .testTarget(name: "ConvNetAIGModelsTests", dependencies: ["ConvNetAIG", "ConvNetAIGModels"]),
        .testTarget(
            name: "ConvNetAIGTrainingTests",
            dependencies: [
                "Charts", "ConvNetAIG", "ConvNetAIGModels", "ConvNetAIGTraining", "OpenCL", "Operators", "TestSupport",
            ]),
        .testTarget(
            name: "ConvNetAIGStudiesTests",
            dependencies: [
                "ConvNetAIG", "ConvNetAIGReport", "ConvNetAIGStudies", "ConvNetAIGTraining", "FileSystem", "OpenCL",
                "Statistics", "TestSupport",
            ]),
        .testTarget(name: "StatisticsTests", dependencies: ["Statistics"]),
        .testTarget(name: "ChartsTests", dependencies: ["Charts", "TestSupport"]),
        .testTarget(name: "ConvNetAIGReportTests", dependencies: ["Charts", "ConvNetAIGReport", "TestSupport"]),
        .testTarget(
            name: "aigTests",
            dependencies: [
                "ConvNetAIG", "ConvNetAIGModels", "ConvNetAIGReport", "ConvNetAIGStudies", "ConvNetAIGTraining",
                "FileSystem", "OpenCL", "Operators", "Terminal", "TestSupport", "aig",
            ]),
        .testTarget(
            name: "BenchmarkTests",
            dependencies: [
                "aig-benchmark", "ConvNetAIG", "Terminal", "TestSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
    ]
)
