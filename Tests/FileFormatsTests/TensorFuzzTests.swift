import FileFormats
import TestSupport
import Testing

@Suite("Damaged tensor files")
struct TensorFuzzTests {
  /// Reads a damaged file; what it holds, or nil after checking the error.
  private func outcome(_ bytes: [UInt8], _ file: String) -> [NamedTensor]? {
    do {
      return try TensorArchive.parse(bytes, file: file).tensors
    } catch {
      let text = error.description
      if !text.hasPrefix(file + ": ") || text.contains("\n") { Issue.record("\(text)") }
      return nil
    }
  }

  static let files = [
    "version-1.npy", "version-2.npy", "column-major.npy", "deflated.npz", "zip64.npz",
    "small.safetensors",
  ]

  private func content(_ file: String) throws -> [UInt8] {
    guard file == "small.safetensors" else { return try TensorVectors.bytes(file) }
    return safetensors(
      "{\"__metadata__\":{\"k\":\"v\"},\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
        + "\"a\\u00e9\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[8,16]}}",
      values: Array(0..<16))
  }

  @Test("a file cut off anywhere is refused", arguments: files)
  func truncations(file: String) throws {
    let bytes = try content(file)
    #expect(outcome(bytes, file) != nil)
    for count in 0..<bytes.count where outcome(Array(bytes[..<count]), file) != nil {
      Issue.record("\(file) reads with only \(count) of \(bytes.count) bytes")
    }
  }

  @Test(
    "a flipped bit or byte anywhere is read or refused; check sums guard what archives hold",
    arguments: files)
  func flips(file: String) throws {
    let bytes = try content(file)
    let original = try #require(outcome(bytes, file)).map(\.values)
    var (read, refused) = (0, 0)
    for index in bytes.indices {
      for mask in [1, 2, 4, 8, 16, 32, 64, 128, 255] as [UInt8] {
        var damaged = bytes
        damaged[index] ^= mask
        guard let tensors = outcome(damaged, file) else {
          refused += 1
          continue
        }
        read += 1
        if file.hasSuffix(".npz"), !tensors.allSatisfy({ original.contains($0.values) }) {
          Issue.record("\(file): byte \(index) xor \(mask) gave other values")
        }
      }
    }
    #expect(read > 0)
    #expect(refused > bytes.count)
  }

  @Test("many edits at once are read or refused")
  func edits() throws {
    var random = LCG(seed: 5)
    for file in Self.files {
      let bytes = try content(file)
      for _ in 0..<(isOptimizedBuild ? 20_000 : 1_000) {
        var damaged = bytes
        for _ in 0...random.below(6) where !damaged.isEmpty {
          let index = random.below(damaged.count)
          switch random.below(4) {
          case 0: damaged[index] = UInt8(random.below(256))
          case 1: damaged[index] = random.element(of: Array("0123456789<>|,'\"()[]{}:\\u".utf8))
          case 2: damaged.removeSubrange(index..<min(index + random.below(9), damaged.count))
          default:
            let piece = Array(damaged[index..<min(index + random.below(30), damaged.count)])
            damaged.insert(contentsOf: piece, at: random.below(damaged.count))
          }
        }
        _ = outcome(damaged, file)
      }
    }
  }
}
