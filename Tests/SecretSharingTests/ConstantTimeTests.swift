import Foundation
import TestSupport
import Testing

@Suite("Constant time")
struct ConstantTimeTests {
  static let tools = [
    "/usr/bin/valgrind", "/usr/include/valgrind/memcheck.h",
    "/usr/lib/x86_64-linux-gnu/libcrypto.a",
  ]

  static var areToolsPresent: Bool {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let hasClang = path.split(separator: ":")
      .contains { FileManager.default.isExecutableFile(atPath: "\($0)/clang") }
    return hasClang && tools.allSatisfy { FileManager.default.fileExists(atPath: $0) }
  }

  @Test(
    "no branch and no address depends on a secret, as valgrind sees it",
    .enabled(
      if: areToolsPresent, "needs clang, valgrind with its headers and OpenSSL's static library"))
  func memcheck() throws {
    let process = Process()
    let output = Pipe()
    process.executableURL = testsDirectory.appending(path: "ConstantTime/check")
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(
      decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(text)")
    #expect(text.split(separator: "\n").count == 10)
  }
}
