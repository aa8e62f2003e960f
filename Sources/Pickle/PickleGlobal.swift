/// The classes and functions that a pickle may refer to: those that weights and arrays are made of, and no others. None of
/// them is run; each has a meaning of its own here.
package enum PickleGlobal: Sendable, Hashable {
    // PyTorch's
    case rebuildTensor, rebuildTensorVersion2, rebuildTensorVersion3
    case rebuildParameter, rebuildParameterWithState, rebuildFromType
    /// A tensor of a kind that is not supported, which is an error only if it is needed.
    case otherTensor(String)
    /// A storage; nil if it has no type.
    case storage(ScalarType?)
    case scalarType(ScalarType)
    case tensorClass, size
    /// A property of a tensor that does not matter here, such as its device.
    case property(String)
    // NumPy's
    case arrayReconstruct, arrayFromBuffer, arrayClass, arrayType, arrayScalar
    // Python's own
    case orderedDictionary, defaultDictionary, counter, dictionary, list, tuple, set, frozenSet
    case bytes, byteArray, encode, integer, float, boolean, text, complex, object, namespace, reconstructor

    /// - Parameters:
    ///   - module: The module's name in Python 2 or 3.
    ///   - name: The name in the module, with dots between nested names.
    init?(module: String, name: String) {
        if module == "torch" || module == "torch.storage" || module == "torch.cuda" {
            if name == "UntypedStorage" || name == "TypedStorage" || name == "_UntypedStorage" {
                self = .storage(nil)
                return
            }
            if let type = ScalarType.storages[name] {
                self = .storage(type)
                return
            }
        }
        if module == "torch", let type = ScalarType(torchName: name) {
            self = .scalarType(type)
            return
        }
        guard let global = Self.known["\(module).\(name)"] else { return nil }
        self = global
    }

    private static let known: [String: PickleGlobal] = {
        var known: [String: PickleGlobal] = [
            "torch._utils._rebuild_tensor": .rebuildTensor,
            "torch._utils._rebuild_tensor_v2": .rebuildTensorVersion2,
            "torch._utils._rebuild_tensor_v3": .rebuildTensorVersion3,
            "torch._utils._rebuild_parameter": .rebuildParameter,
            "torch._utils._rebuild_parameter_with_state": .rebuildParameterWithState,
            "torch._tensor._rebuild_from_type_v2": .rebuildFromType,
            "torch._utils._rebuild_qtensor": .otherTensor("quantized"),
            "torch._utils._rebuild_sparse_tensor": .otherTensor("sparse"),
            "torch._utils._rebuild_sparse_csr_tensor": .otherTensor("sparse"),
            "torch._utils._rebuild_nested_tensor": .otherTensor("nested"),
            "torch._utils._rebuild_meta_tensor_no_storage": .otherTensor("without values (on the device meta)"),
            "torch.Tensor": .tensorClass, "torch._tensor.Tensor": .tensorClass,
            "torch.nn.parameter.Parameter": .tensorClass, "torch.nn.Parameter": .tensorClass,
            "torch.nn.parameter.Buffer": .tensorClass,
            "torch.Size": .size,
            "torch.device": .property("device"),
            "torch.serialization._get_layout": .property("layout"),
            "torch.per_tensor_affine": .property("quantization"),
            "torch.per_channel_affine": .property("quantization"),
            "numpy.ndarray": .arrayClass, "numpy.dtype": .arrayType,
            "collections.OrderedDict": .orderedDictionary, "collections.defaultdict": .defaultDictionary,
            "collections.Counter": .counter,
            "_codecs.encode": .encode,
            "argparse.Namespace": .namespace,
        ]
        // NumPy 2 renamed numpy.core.
        for core in ["numpy.core", "numpy._core"] {
            known["\(core).multiarray._reconstruct"] = .arrayReconstruct
            known["\(core).multiarray.scalar"] = .arrayScalar
            known["\(core).numeric._frombuffer"] = .arrayFromBuffer
        }
        let builtIn: [String: PickleGlobal] = [
            "dict": .dictionary, "list": .list, "tuple": .tuple, "set": .set, "frozenset": .frozenSet, "bytes": .bytes,
            "bytearray": .byteArray, "int": .integer, "long": .integer, "float": .float, "bool": .boolean,
            "str": .text, "unicode": .text, "complex": .complex, "object": .object,
        ]
        for (name, global) in builtIn {
            for module in ["builtins", "__builtin__"] { known["\(module).\(name)"] = global }
        }
        for module in ["copyreg", "copy_reg"] { known["\(module)._reconstructor"] = .reconstructor }
        return known
    }()
}
