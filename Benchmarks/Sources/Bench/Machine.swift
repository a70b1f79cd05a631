import CBenchSupport
import Foundation
import Tensors

/// The machine and the checkout, as they belong beside any figure.
struct Machine: Codable {
  /// The processor's name.
  let processor: String
  /// Cores this process may use.
  let cores: Int
  /// The widest level of x86-64 that the processor has, such as `x86-64-v3`.
  let instructionSet: String
  /// The processor family whose kernels OpenBLAS chose.
  let openBLASCore: String
  /// When the run started, UTC.
  let date: String
  /// The commit of the checkout.
  let commit: String
  /// Whether the checkout differed from that commit.
  let isModified: Bool

  /// This machine, now.
  init() {
    let description = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    processor = Self.field("model name", of: description) ?? "unknown"
    let flags = Set((Self.field("flags", of: description) ?? "").split(separator: " "))
    let level: [(String, [Substring])] = [
      ("x86-64-v4", ["avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512cd"]),
      ("x86-64-v3", ["avx2", "fma", "bmi2", "f16c"]), ("x86-64-v2", ["sse4_2", "popcnt"]),
    ]
    instructionSet = level.first { flags.isSuperset(of: $0.1) }?.0 ?? "unknown"
    cores = Int(bench_core_count())
    openBLASCore = BLAS.coreName
    date = Date.now.formatted(.iso8601)
    commit = Self.git("rev-parse", "--short=10", "HEAD") ?? "unknown"
    isModified = Self.git("status", "--porcelain", "--untracked-files=no") ?? "" != ""
  }

  private static func field(_ name: String, of text: String) -> String? {
    for line in text.split(separator: "\n") where line.hasPrefix(name) {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2 { return parts[1].trimmingCharacters(in: .whitespaces) }
    }
    return nil
  }

  private static func git(_ arguments: String...) -> String? {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["git", "-C", Places.checkout.path(percentEncoded: false)] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let data = (try? output.fileHandleForReading.readToEnd()) ?? nil
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { return nil }
    let text = String(decoding: data ?? Data(), as: UTF8.self)
    return text.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
