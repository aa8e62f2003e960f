import OpenCL
import Testing

@Suite struct OpenCLErrorTests {
    @Test(
        arguments: [
            (0, "CL_SUCCESS"), (-1, "CL_DEVICE_NOT_FOUND"), (-5, "CL_OUT_OF_RESOURCES"),
            (-11, "CL_BUILD_PROGRAM_FAILURE"), (-19, "CL_KERNEL_ARG_INFO_NOT_AVAILABLE"),
            (-30, "CL_INVALID_VALUE"), (-61, "CL_INVALID_BUFFER_SIZE"), (-72, "CL_MAX_SIZE_RESTRICTION_EXCEEDED"),
            (-1001, "CL_PLATFORM_NOT_FOUND_KHR"), (-4711, "CL_UNKNOWN_ERROR"),
        ] as [(Int32, String)])
    func name(code: Int32, name: String) {
        #expect(OpenCLError(code: code, call: "clCall").name == name)
    }

    @Test func everyStandardCodeHasAName() {
        for code in Array(-19 ... -1) + Array(-72 ... -30) as [Int32] {
            #expect(OpenCLError(code: code, call: "clCall").name != "CL_UNKNOWN_ERROR", "\(code)")
        }
    }

    @Test func descriptionTellsCallNameCodeDetailAndLog() {
        let error = OpenCLError(code: -11, call: "clBuildProgram", detail: "device X", log: "error: no")
        for part in ["clBuildProgram", "CL_BUILD_PROGRAM_FAILURE", "-11", "device X", "error: no"] {
            #expect(error.description.contains(part))
        }
        let plain = OpenCLError(code: -34, call: "clCall").description
        #expect(plain == "clCall failed with CL_INVALID_CONTEXT (-34)")
    }

    @Test func hintsSayWhatToDo() throws {
        let platform = OpenCLError(code: -1001, call: "clGetPlatformIDs")
        #expect(try #require(platform.hint).contains("pocl-opencl-icd"))
        for code in [-4, -5, -6, -61] as [Int32] {
            let hint = try #require(OpenCLError(code: code, call: "clCreateBuffer").hint)
            #expect(hint.contains("smaller batch"))
        }
        #expect(OpenCLError(code: -34, call: "clCall").hint == nil)
        // A log that is not there is not pointed at.
        #expect(OpenCLError(code: -11, call: "clBuildProgram", log: "error").hint?.contains("build log") == true)
        for log in [nil, ""] as [String?] {
            #expect(OpenCLError(code: -11, call: "clBuildProgram", log: log).hint == nil)
        }
    }

    @Test func equality() {
        let error = OpenCLError(code: -30, call: "clCall")
        #expect(error == OpenCLError(code: -30, call: "clCall"))
        #expect(error != OpenCLError(code: -30, call: "clOther"))
    }
}
