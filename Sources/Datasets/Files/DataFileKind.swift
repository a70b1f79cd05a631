public import Components
import FileFormats

/// Which data a path means, by the name of the file and of those beside it.
///
///     try DataFileKind.data(at: "mnist/train-images-idx3-ubyte.gz")
///     // idx: {train-images: …, train-labels: …, test-images: …, test-labels: …}
public enum DataFileKind {
  /// The data at `path`, as an experiment would name it; nil if the name is that of none.
  ///
  /// - Throws: `DataError` for a folder without data, or features whose labels are not beside them.
  public static func data(at path: String) throws(DataError) -> ConfigurationNode? {
    if let names = names(in: path) { return try folder(path, names) }
    let place = Place(path)
    var name = place.name.lowercased()
    if name.hasSuffix(".gz") { name.removeLast(3) }
    let parts = name.split(separator: ".")
    switch parts.count > 1 ? parts.last.map(String.init) : nil {
    case "npz": return node("npz", [("train", .text(path))])
    case "csv": return node("csv", [("train", .text(path))])
    case "tsv": return node("csv", [("train", .text(path)), ("separator", .text("tab"))])
    case "json": return node("leaf", [("train", .text(path))])
    case "bin":
      let isHundred = ["train.bin", "test.bin"].contains(name)
      return cifar([path], test: [], kind: isHundred ? "cifar-100" : "cifar-10")
    case "npy": return try arrays(place, Names.numPy)
    case "idx": return try arrays(place, Names.idx)
    default: return name.hasSuffix("-ubyte") ? try arrays(place, Names.idx) : nil
    }
  }

  private static func folder(
    _ path: String, _ names: [String]
  ) throws(DataError) -> ConfigurationNode {
    let base = path.hasSuffix("/") ? path : path + "/"
    if names.contains("train"), names.contains("test") {
      return node("leaf", [("train", .text(base + "train")), ("test", .text(base + "test"))])
    }
    if names.contains(where: { $0.hasSuffix(".json") }) {
      return node("leaf", [("train", .text(path))])
    }
    let batches = names.filter { $0.hasPrefix("data_batch_") && $0.hasSuffix(".bin") }
    if !batches.isEmpty {
      let test = names.contains("test_batch.bin") ? [base + "test_batch.bin"] : []
      return cifar(batches.map { base + $0 }, test: test, kind: "cifar-10")
    }
    if names.contains("train.bin") {
      let test = names.contains("test.bin") ? [base + "test.bin"] : []
      return cifar([base + "train.bin"], test: test, kind: "cifar-100")
    }
    let images = names.first { $0.hasPrefix("train-images") && !$0.hasSuffix(".npy") }
    if let images { return try arrays(Place(base + images), Names.idx) }
    throw .unusable(
      source: path,
      problem: "this folder holds no data by a known name: folders train and test or .json files "
        + "(LEAF), data_batch_1.bin … or train.bin (CIFAR), train-images… (IDX); name a file")
  }

  /// Features in one file, labels in another, perhaps those of a test part in two more.
  private static func arrays(
    _ place: Place, _ names: Names
  ) throws(DataError) -> ConfigurationNode {
    let (features, labels) = (names.keys.features, names.keys.labels)
    guard let mate = place.sibling(names.labels) else {
      throw .unusable(
        source: place.path,
        problem: "no file of labels is beside it by a name that fits; name both: "
          + "--data '\(names.kind): {train-\(features): \(place.path), train-\(labels): …}'")
    }
    var entries: [(String, ConfigurationNode.Value)] = [
      ("train-\(features)", .text(place.path)), ("train-\(labels)", .text(mate)),
    ]
    if let test = place.sibling(names.test), let mate = Place(test).sibling(names.labels) {
      entries += [("test-\(features)", .text(test)), ("test-\(labels)", .text(mate))]
    }
    return node(names.kind, entries)
  }

  private static func cifar(
    _ train: [String], test: [String], kind: String
  ) -> ConfigurationNode {
    func list(_ paths: [String]) -> ConfigurationNode.Value {
      .list(paths.map { ConfigurationNode(.text($0)) })
    }
    return node("cifar", [("train", list(train)), ("test", list(test)), ("kind", .text(kind))])
  }

  private static func node(
    _ kind: String, _ entries: [(String, ConfigurationNode.Value)]
  ) -> ConfigurationNode {
    let parameters = ConfigurationNode(
      .map(entries.map { .init(key: $0.0, node: ConfigurationNode($0.1)) }))
    return ConfigurationNode(.map([.init(key: kind, node: parameters)]))
  }

  fileprivate static func names(in folder: String) -> [String]? {
    let prefix = folder.hasSuffix("/") ? folder : folder + "/"
    return DataFile.list(folder, suffix: "")?.map { String($0.dropFirst(prefix.count)) }
  }
}

/// How files that belong together are called.
private struct Names {
  var kind: String
  var keys: (features: String, labels: String)
  /// What the name of the features has and the name of the labels has in its place.
  var labels: [[(from: String, to: String)]]
  /// What the name of a training file has and that of a test file has in its place.
  var test: [[(from: String, to: String)]] = [
    [(from: "train", to: "t10k")], [(from: "train", to: "test")],
  ]

  static let idx = Names(
    kind: "idx", keys: ("images", "labels"),
    labels: [
      [(from: "images", to: "labels"), (from: "idx3", to: "idx1")],
      [(from: "images", to: "labels")],
    ])
  static let numPy = Names(
    kind: "npy", keys: ("x", "y"),
    labels: [
      [(from: "-x.", to: "-y.")], [(from: "_x.", to: "_y.")], [(from: "x_", to: "y_")],
      [(from: "X_", to: "y_")], [(from: "x.", to: "y.")], [(from: "X.", to: "y.")],
      [(from: "images", to: "labels")], [(from: "features", to: "labels")],
    ])
}

/// A path, cut at its last part.
private struct Place {
  var path: String
  var folder: String
  var name: String

  init(_ path: String) {
    self.path = path
    let start = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    (folder, name) = (String(path[..<start]), String(path[start...]))
  }

  /// The first file there is whose name comes of this one's by all replacements of a list; packed
  /// files may stand for plain ones.
  func sibling(_ choices: [[(from: String, to: String)]]) -> String? {
    let names = DataFileKind.names(in: folder.isEmpty ? "." : folder) ?? []
    for replacements in choices where replacements.allSatisfy({ name.contains($0.from) }) {
      let other = replacements.reduce(name) { $0.replacing($1.from, with: $1.to) }
      let forms = [
        other, other + ".gz", other.hasSuffix(".gz") ? String(other.dropLast(3)) : other,
      ]
      if let found = forms.first(where: { names.contains($0) }) { return folder + found }
    }
    return nil
  }
}
