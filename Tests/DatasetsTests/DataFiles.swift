import Components
import Datasets
import Foundation
import TestSupport

/// The data files that `Tests/Vectors/data/make.py` writes.
enum DataFiles {
  static var folder: String { testsDirectory.appending(path: "Vectors/data").path }

  static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: folder).appending(path: name)))
  }

  /// The data that a source described by JSON loads, files being beside the script.
  static func load(_ text: String, in folder: String = folder) throws -> DataSplit {
    let node = try JSONDecoder().decode(ConfigurationNode.self, from: Data(text.utf8))
    let catalogue = Catalogue([.init(.data, dataCatalogue)])
    let placed = node.placed(in: folder + "/experiment.yaml")
    let component = try catalogue.component(placed, role: .data).component
    guard let source = component as? any DataSource else { preconditionFailure("no source") }
    var generator = testGenerator()
    return try source.load(using: &generator)
  }

  /// The message of the error that loading gives; nil if there is none.
  static func message(_ text: String, in folder: String = folder) -> String? {
    do {
      _ = try load(text, in: folder)
      return nil
    } catch let error as DataError {
      return error.description.replacing(folder + "/", with: "")
    } catch {
      return "another error: \(error)"
    }
  }
}

extension ConfigurationNode {
  /// The same value as if it stood in `file`.
  func placed(in file: String) -> ConfigurationNode {
    let position = SourcePosition(file: file, line: 1, column: 1)
    switch value {
    case .list(let items): return .init(.list(items.map { $0.placed(in: file) }), at: position)
    case .map(let entries):
      return .init(
        .map(
          entries.map {
            .init(key: $0.key, keyPosition: position, node: $0.node.placed(in: file))
          }), at: position)
    default: return .init(value, at: position)
    }
  }
}

/// A folder of files for one test.
struct Scratch {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "rampart-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  func remove() { try? FileManager.default.removeItem(atPath: path) }

  func write(_ bytes: [UInt8], to name: String) throws {
    try Data(bytes).write(to: URL(filePath: path).appending(path: name))
  }

  func write(_ text: String, to name: String) throws { try write(Array(text.utf8), to: name) }
}
