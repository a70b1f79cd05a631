import Foundation
import Learning
import Tensors

/// A network, parameters and a batch laid out in a folder for PyTorch, and what came back.
///
/// The files are raw little-endian numbers: `y` as Int64, all others as Double, which holds every
/// value of both sides whatever type it worked in.
struct ReferenceExchange {
  /// The scalar type that PyTorch works in.
  enum Precision: String {
    case float64
    case float32
  }

  let model: String
  let network: Network
  let examples: LabeledExamples
  private let folder: URL

  /// Writes parameters and batch to a folder of their own.
  init(
    model: String, network: Network, parameters: Vector, examples: LabeledExamples
  ) throws {
    self.model = model
    self.network = network
    self.examples = examples
    folder = FileManager.default.temporaryDirectory
      .appending(path: "rampart-bench-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try write(parameters.array, "weights")
    try write(examples.features, "x")
    try Data(bytes: examples.labels.map(Int64.init), as: Int64.self)
      .write(to: folder.appending(path: "y"))
  }

  /// Removes the folder.
  func remove() { try? FileManager.default.removeItem(at: folder) }

  /// Writes values.
  func write(_ values: [Float], _ name: String) throws {
    try Data(bytes: values.map(Double.init), as: Double.self)
      .write(to: folder.appending(path: name))
  }

  /// Reads values that PyTorch has written.
  func read(_ name: String) throws -> [Double] {
    try Data(contentsOf: folder.appending(path: name)).values(Double.self)
  }

  /// What PyTorch is asked.
  func question(_ name: String, in precision: Precision) -> Question {
    Question(
      question: name, folder: folder.path(percentEncoded: false), model: model,
      shape: examples.shape, classes: examples.classes, dtype: precision.rawValue,
      segments: network.layout.segments.map { .init(name: $0.name, shape: $0.shape) })
  }

  /// A question; what is nil is left out.
  struct Question: Encodable {
    let `do` = "reference"
    var question: String
    var folder: String
    var model: String
    var shape: [Int]
    var classes: Int
    var dtype: String
    var segments: [Segment]
    var training: Bool?
    var tokens: Bool?
    var norms: Bool?
    var batch: Int?
    var steps: Int?
    var rate: Double?
    var momentum: Double?
    var mode: String?
    var norm: Double?
    var noise: Double?
    var seed: Int?
    var objective: String?
    var variation: Double?
    var weight: Double?

    struct Segment: Encodable {
      var name: String
      var shape: [Int]
    }
  }
}

extension Data {
  /// The bytes of `values`.
  init<Value: BitwiseCopyable>(bytes values: [Value], as: Value.Type) {
    self = values.withUnsafeBytes { Data($0) }
  }

  /// The bytes as values.
  func values<Value: BitwiseCopyable>(_ type: Value.Type) -> [Value] {
    withUnsafeBytes { bytes in
      (0..<(bytes.count / MemoryLayout<Value>.stride)).map {
        bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Value>.stride, as: Value.self)
      }
    }
  }
}
