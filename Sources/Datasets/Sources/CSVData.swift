public import Components
import FileFormats
public import Randomness

/// Tables in comma-separated text, with a column of labels and perhaps one of natural groups.
///
/// Labels are numbers or words, mapped to classes in sorted order; the split keeps the mapping. All
/// columns but those of labels, groups and the ignored ones are features and must hold numbers.
public struct CSVData: DataSource {
  /// Whether the first row names the columns.
  public enum Header: String, Codable, Sendable, CaseIterable {
    /// It does if a column is chosen by name, or if it has no number wherever the second row has one.
    case detect
    /// It does.
    case present
    /// It does not.
    case absent
  }

  /// What stands between fields.
  public enum Separator: String, Codable, Sendable, CaseIterable {
    /// `,`
    case comma
    /// `;`
    case semicolon
    /// The tab character.
    case tab

    fileprivate var byte: UInt8 {
      switch self {
      case .comma: UInt8(ascii: ",")
      case .semicolon: UInt8(ascii: ";")
      case .tab: UInt8(ascii: "\t")
      }
    }
  }

  /// Which files, which columns, and what happens to their values.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The table to train on.
    public var train: DataPath = ""
    /// The table to test on.
    public var test: DataPath = ""
    /// The column of labels.
    public var label = ColumnChoice.place(-1)
    /// The column of groups.
    public var group = ColumnChoice.place(0)
    /// Columns that are no features.
    public var ignore: [ColumnChoice] = []
    /// Whether the first row names the columns.
    public var header = Header.detect
    /// What stands between fields.
    public var separator = Separator.comma
    /// The shape of one example; empty for a plain row.
    public var shape: [Int] = []
    /// What happens to values.
    public var normalise = Normalisation.Method.none
    /// The part to test on when there is no file to test on.
    public var testFraction = 0.2
    /// Fixes which examples those are.
    public var splitSeed = 1

    /// No file yet.
    public init() {}
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "csv",
    summary: "Tables in comma-separated text: numbers, a column of labels, perhaps one of groups.",
    formula: "features = (columns - offset) / scale; label = rank of the written label, sorted",
    citation: "RFC 4180: Common Format and MIME Type for CSV Files",
    parameters: [
      SharedParameters.path("train", "the table to train on, plain or gzip"),
      SharedParameters.path("test", "the table to test on"),
      Card.Parameter(
        "label", "the column of labels", range: "a name or a place: 1 the first, -1 the last"),
      Card.Parameter(
        "group", "the column that says who an example comes from",
        range: "a name or a place; 0: none"),
      Card.Parameter("ignore", "columns that are no features", range: "a list of names or places"),
      Card.Parameter(
        "header", "whether the first row names the columns", range: "detect, present or absent"),
      Card.Parameter("separator", "what stands between fields", range: "comma, semicolon or tab"),
      SharedParameters.shape, SharedParameters.normalise, SharedParameters.testFraction,
      SharedParameters.splitSeed,
    ])

  /// No file; labels last, values as they are.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Files as described by `parameters`.
  ///
  /// - Throws: `ParameterError` naming each parameter out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.path("train", parameters.train)
    check("label", parameters.label != .place(0), "must be a column", got: "0, no column")
    check(
      "header",
      parameters.header != .absent
        || !([parameters.label, parameters.group] + parameters.ignore).contains(where: \.isName),
      "cannot be absent while a column is chosen by name", got: "absent")
    check.split(
      fraction: parameters.testFraction, seed: parameters.splitSeed, shape: parameters.shape)
    try check.finish()
    self.parameters = parameters
  }

  /// One split for every seed.
  public var isFixed: Bool { true }

  /// The files' content; does not draw from the generator.
  public func load(using generator: inout Generator) throws -> DataSplit {
    func read(_ path: DataPath) throws(DataError) -> [UInt8] {
      try DataError.reading(path.resolved) { () throws(TensorFileError) in
        try DataFile.read(path.resolved)
      }
    }
    let test = parameters.test.isEmpty ? nil : try read(parameters.test)
    return try split(
      try read(parameters.train), test: test,
      files: (parameters.train.resolved, parameters.test.resolved))
  }

  /// The split of the content of one or two files.
  package func split(
    _ train: [UInt8], test: [UInt8]?, files: (train: String, test: String)
  ) throws(DataError) -> DataSplit {
    var layout = CSVTable.Layout()
    layout.label = parameters.label
    layout.group = parameters.group
    layout.ignored = parameters.ignore
    layout.header = parameters.header
    layout.separator = parameters.separator.byte
    let table = try CSVTable(parsing: train, file: files.train, layout: layout)
    let classes = try ClassNames(table)
    let own = try classes.examples(table).reshaped(parameters.shape)
    var other: RawExamples?
    if let test {
      let table = try CSVTable(parsing: test, file: files.test, layout: layout)
      other = try classes.examples(table).reshaped(parameters.shape)
    }
    return try SplitMaker(
      name: Self.card.name, normalise: parameters.normalise, classes: classes.names.count,
      classNames: classes.names, testFraction: parameters.testFraction,
      splitSeed: parameters.splitSeed, attribution: SharedParameters.attribution
    ).split(own, test: other)
  }
}
