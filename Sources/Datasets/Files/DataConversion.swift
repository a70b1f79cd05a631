public import Components
import FileFormats
import Learning

/// A split in files of another format, which read back as the same data.
///
///     let conversion = try DataConversion(split, to: "table.npz")
///     try conversion.write()
///     conversion.words    // npz: {train: table.npz}
///
/// Training and test examples stay what they were: `.npz` holds both parts, `.csv` and `.idx` stand
/// for files beside each other, such as `t.csv` and `t-test.csv`. Before anything is written the
/// content is read back and compared: what a format cannot hold is refused, not lost.
public struct DataConversion: Sendable {
  /// A file to write.
  struct File: Sendable {
    var path: String
    var bytes: [UInt8]
  }

  /// The data as an experiment would name them.
  public let words: ConfigurationNode
  /// Examples to train on and to test on.
  public let counts: (train: Int, test: Int)
  private let files: [File]

  /// The content of the files that `path` stands for.
  ///
  /// - Throws: `DataError` for another extension than `.npz`, `.csv` or `.idx`, and for what the format
  ///   cannot hold.
  public init(_ split: DataSplit, to path: String) throws(DataError) {
    let format = try Format(path)
    let (files, words, back): ([File], [(String, ConfigurationNode.Value)], DataSplit)
    switch format {
    case .npz: (files, words, back) = try Self.npz(split, path)
    case .csv: (files, words, back) = try Self.csv(split, path)
    case .idx: (files, words, back) = try Self.idx(split, path)
    }
    // A table of labels without names gives them their numbers as names.
    let keepsNames = split.classNames.isEmpty || back.classNames == split.classNames
    guard back.digest == split.digest, keepsNames else {
      throw .unusable(
        source: path,
        problem: ".\(format) cannot hold these data: read back, features, classes or groups would "
          + "differ" + (format == .npz ? "" : "; .npz may"))
    }
    self.files = files
    counts = (split.train.count, split.test.count)
    self.words = ConfigurationNode(
      .map([
        .init(
          key: format.rawValue,
          node: ConfigurationNode(
            .map(words.map { .init(key: $0.0, node: ConfigurationNode($0.1)) })))
      ]))
  }

  /// The files that `path` stands for, known before any work is done for them.
  ///
  /// - Throws: `DataError` for an unknown extension, or a folder that is not there.
  public static func paths(of path: String) throws(DataError) -> [String] {
    let paths =
      switch try Format(path) {
      case .npz: [path]
      case .csv: [path, named(path, "-test")]
      case .idx: idxNames.map { named(path, $0) }
      }
    for path in paths {
      try DataError.reading(path) { () throws(TensorFileError) in
        try DataFile.checkDestination(path)
      }
    }
    return paths
  }

  /// Whether something is at `path`.
  public static func exists(_ path: String) -> Bool { DataFile.exists(path) }

  /// Writes the files, each replaced as a whole.
  ///
  /// - Throws: `DataError` if one cannot be written.
  public func write() throws(DataError) {
    for file in files {
      try DataError.reading(file.path) { () throws(TensorFileError) in
        try DataFile.replace(file.path, with: file.bytes)
      }
    }
  }

  private enum Format: String {
    case npz, csv, idx

    init(_ path: String) throws(DataError) {
      let name = path.split(separator: "/").last ?? ""
      let ending = name.lastIndex(of: ".").map { name[name.index(after: $0)...].lowercased() }
      guard let format = Format(rawValue: ending ?? "") else {
        throw .unusable(
          source: path, problem: "is no name of a format to write; expected .npz, .csv or .idx")
      }
      self = format
    }
  }

  private static let idxNames = ["-train-images", "-train-labels", "-test-images", "-test-labels"]

  /// `t.csv` and `-test` make `t-test.csv`.
  private static func named(_ path: String, _ suffix: String) -> String {
    let point = path.lastIndex(of: ".") ?? path.endIndex
    return path[..<point] + suffix + path[point...]
  }
}

// MARK: - Formats

extension DataConversion {
  private typealias Made = ([File], [(String, ConfigurationNode.Value)], DataSplit)

  private static func npz(_ split: DataSplit, _ path: String) throws(DataError) -> Made {
    func labels(_ name: String, _ values: [Int32]) -> NamedTensor {
      NamedTensor(name: name, shape: [values.count], values: .int64(values.map(Int64.init)))
    }
    var tensors = [
      NamedTensor(
        name: "x_train", shape: [split.train.count] + split.train.shape, values: values(split.train)
      ),
      labels("y_train", split.train.labels),
      NamedTensor(
        name: "x_test", shape: [split.test.count] + split.test.shape, values: values(split.test)),
      labels("y_test", split.test.labels),
    ]
    if let groups = split.groups {
      tensors.append(labels("groups_train", groups.members))
      tensors.append(ArrayNames.tensor("group_names", groups.names))
    }
    if !split.classNames.isEmpty {
      tensors.append(ArrayNames.tensor("class_names", split.classNames))
    }
    var parameters = NPZData.Parameters()
    var words: [(String, ConfigurationNode.Value)] = [("train", .text(path))]
    if split.classNames.isEmpty, !isCounted(split) {
      parameters.classes = split.train.classes
      words.append(("classes", .integer(split.train.classes)))
    }
    if split.train.shape.count == 2 {
      parameters.shape = split.train.shape
      words.append(("shape", shape(split)))
    }
    parameters.train = DataPath(path)
    let source = try checked(path) { try NPZData(parameters) }
    let bytes = try DataError.reading(path) { () throws(TensorFileError) in
      try NumPyFile.archiveBytes(of: tensors, file: path)
    }
    let read = try DataError.reading(path) { () throws(TensorFileError) in
      TensorArchive(file: path, tensors: try NumPyFile.parseArchive(bytes, file: path))
    }
    return ([File(path: path, bytes: bytes)], words, try source.split(read, test: nil))
  }

  private static func csv(_ split: DataSplit, _ path: String) throws(DataError) -> Made {
    let counts = split.train.labelCounts
    if let missing = counts.firstIndex(of: 0) {
      throw .unusable(
        source: path,
        problem: ".csv cannot hold class \(missing), which has no training example; .npz can")
    }
    let test = named(path, "-test")
    let names = split.classNames.isEmpty ? counts.indices.map(String.init) : split.classNames
    guard names == ClassNames.sorted(names) else {
      throw .unusable(
        source: path,
        problem: "a table's classes are numbered in the order of their names, and these are not: "
          + "\(names.prefix(10).joined(separator: ", ")); .npz keeps both")
    }
    let columns = (1...split.train.featureCount).map { "x\($0)" } + ["label"]
    func table(_ part: LabeledExamples, _ groups: [String]?) -> [UInt8] {
      var text = CSV.line(columns + (split.groups == nil ? [] : ["group"])) + "\n"
      var row = 0
      part.forEach { label, features in
        var fields = features.indices.map { NumberText.shortest(features[$0]) }
        fields.append(names[Int(label)])
        if split.groups != nil { fields.append(groups?[row] ?? "-") }
        text += CSV.line(fields) + "\n"
        row += 1
      }
      return Array(text.utf8)
    }
    let members = split.groups.map { groups in groups.members.map { groups.names[Int($0)] } }
    let files = [
      File(path: path, bytes: table(split.train, members)),
      File(path: test, bytes: table(split.test, nil)),
    ]
    var parameters = CSVData.Parameters()
    (parameters.train, parameters.test) = (DataPath(path), DataPath(test))
    parameters.label = .name("label")
    var words: [(String, ConfigurationNode.Value)] = [
      ("train", .text(path)), ("test", .text(test)), ("label", .text("label")),
    ]
    if split.groups != nil {
      parameters.group = .name("group")
      words.append(("group", .text("group")))
    }
    if split.train.shape.count != 1 {
      parameters.shape = split.train.shape
      words.append(("shape", shape(split)))
    }
    let source = try checked(path) { try CSVData(parameters) }
    let back = try source.split(files[0].bytes, test: files[1].bytes, files: (path, test))
    return (files, words, back)
  }

  private static func idx(_ split: DataSplit, _ path: String) throws(DataError) -> Made {
    if split.groups != nil {
      throw .unusable(source: path, problem: ".idx cannot hold groups; .npz and .csv can")
    }
    if !split.classNames.isEmpty {
      throw .unusable(
        source: path, problem: ".idx cannot hold the names of classes; .npz and .csv can")
    }
    let paths = idxNames.map { named(path, $0) }
    let keys = ["train-images", "train-labels", "test-images", "test-labels"]
    var files: [File] = []
    for (index, part) in [split.train, split.test].enumerated() {
      let own = part.shape.count == 3 && part.shape[0] == 1 ? Array(part.shape[1...]) : part.shape
      let labels: TensorValues =
        part.classes <= 256
        ? .uint8(part.labels.map { UInt8(truncatingIfNeeded: $0) }) : .int32(part.labels)
      let tensors = [
        NamedTensor(name: "images", shape: [part.count] + own, values: values(part)),
        NamedTensor(name: "labels", shape: [part.count], values: labels),
      ]
      for (offset, tensor) in tensors.enumerated() {
        let path = paths[2 * index + offset]
        let bytes = try DataError.reading(path) { () throws(TensorFileError) in
          try IDXFile.bytes(of: tensor, file: path)
        }
        files.append(File(path: path, bytes: bytes))
      }
    }
    var arrays: [NamedTensor] = []
    for file in files {
      arrays.append(
        try DataError.reading(file.path) { () throws(TensorFileError) in
          try IDXFile.parse(file.bytes, file: file.path)
        })
    }
    let classes = isCounted(split) ? 0 : split.train.classes
    let back = try SplitMaker(
      name: IDXData.card.name, normalise: .none, classes: classes,
      attribution: SharedParameters.attribution
    ).split(
      try ArrayExamples.examples(arrays[0], paths[0], arrays[1], paths[1]),
      test: try ArrayExamples.examples(arrays[2], paths[2], arrays[3], paths[3]))
    var words = zip(keys, paths).map { ($0, ConfigurationNode.Value.text($1)) }
    if classes > 0 { words.append(("classes", .integer(classes))) }
    // What these files hold is what was trained on.
    words.append(("normalise", .text("none")))
    return (files, words, back)
  }

  /// Whether the number of classes follows from the training labels.
  private static func isCounted(_ split: DataSplit) -> Bool {
    Int(split.train.labels.max() ?? -1) + 1 == split.train.classes
  }

  private static func shape(_ split: DataSplit) -> ConfigurationNode.Value {
    .list(split.train.shape.map { ConfigurationNode(.integer($0)) })
  }

  /// Bytes where all values are whole numbers from 0 to 255, else single precision.
  private static func values(_ part: LabeledExamples) -> TensorValues {
    let all = part.features
    let areBytes = all.allSatisfy {
      $0 >= 0 && $0 <= 255 && Float(UInt8($0)).bitPattern == $0.bitPattern
    }
    return areBytes ? .uint8(all.map { UInt8($0) }) : .float32(all)
  }

  private static func checked<Source>(
    _ path: String, _ body: () throws -> Source
  ) throws(DataError) -> Source {
    do {
      return try body()
    } catch {
      throw .unusable(source: path, problem: "\(error)")
    }
  }
}
