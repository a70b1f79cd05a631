public import Components
internal import Federation
internal import FileFormats
internal import Foundation
internal import Tensors

/// The results of a run directory: one SQLite file that survives being killed at any moment.
///
/// Every finished unit is one transaction, stored under the hash of what determines it. Running the
/// same experiment again goes on where it stopped.
final class ResultStore: Sendable {
  /// The layout this program writes; a store of a later one is refused, one of an earlier is taken
  /// on. Since 2 the points of learning curves have time and bytes; since 3 results have artefacts.
  static let version = 3
  /// Marks the file as ours: "RMPT".
  static let applicationID: Int32 = 0x524D_5054
  /// The file inside a run directory.
  static let fileName = "results.sqlite"

  private let database: Database
  let folder: String

  /// Opens the store in `folder`, making folder and store as needed.
  ///
  /// - Throws: `ConfigurationError` when the folder cannot be written or the store is newer than
  ///   this program.
  init(creatingIn folder: String) throws {
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw ConfigurationError(
        "cannot make the folder '\(folder)': \(Self.obstacle(to: folder)); choose another with "
          + "--out", at: nil)
    }
    guard FileManager.default.isWritableFile(atPath: folder) else {
      throw ConfigurationError(
        "cannot write to the folder '\(folder)'; choose another with --out", at: nil)
    }
    self.folder = folder
    if FileManager.default.fileExists(atPath: Self.path(folder)) {
      // Opening for writing may change a file already, so what is not ours is only read.
      _ = try ResultStore(existingIn: folder, mayBeEmpty: true)
    }
    database = try Self.open(folder, .create)
    try database.transaction { connection in
      guard try connection.userVersion < Self.version else { return }
      for statement in Self.schema { try connection.execute(statement) }
      try connection.setApplicationID(Self.applicationID)
      try connection.setUserVersion(Int32(Self.version))
    }
  }

  /// Opens the existing store in `folder`.
  ///
  /// - Throws: `ConfigurationError` when there is none or it is newer than this program.
  convenience init(existingIn folder: String) throws {
    try self.init(existingIn: folder, mayBeEmpty: false)
  }

  private init(existingIn folder: String, mayBeEmpty: Bool) throws {
    guard FileManager.default.fileExists(atPath: Self.path(folder)) else {
      throw ConfigurationError(
        "'\(folder)' holds no results (no \(Self.fileName)); give a folder that "
          + "'rampart matrix --out' wrote", at: nil)
    }
    self.folder = folder
    database = try Self.open(folder, .read)
    try checkOrigin(mayBeEmpty: mayBeEmpty)
  }

  private static func open(_ folder: String, _ access: Database.Access) throws -> Database {
    do {
      return try Database(path: path(folder), access: access)
    } catch {
      switch error.reason {
      case .notADatabase:
        throw ConfigurationError(
          "'\(path(folder))' is not a database (it was not changed); choose another folder with "
            + "--out", at: nil)
      case .readOnly, .cannotOpen: throw ConfigurationError("\(error)", at: nil)
      default: throw error
      }
    }
  }

  private func checkOrigin(mayBeEmpty: Bool) throws {
    let owner = try database.withConnection { try $0.applicationID }
    let found = try database.withConnection { try $0.userVersion }
    let tables = try database.query("SELECT count(*) FROM sqlite_master") { try $0.integer(0) }
    if tables == [0], mayBeEmpty { return }
    guard owner == Int(Self.applicationID) else {
      throw ConfigurationError(
        "'\(Self.path(folder))' was not made by rampart (it was not changed); choose another "
          + "folder with --out", at: nil)
    }
    if found > Self.version {
      throw ConfigurationError(
        "'\(folder)' was written by a newer rampart (store version \(found), this one knows "
          + "\(Self.version)); use that one, or choose another folder with --out", at: nil)
    }
  }

  private static func path(_ folder: String) -> String { folder + "/" + fileName }

  /// Why a folder cannot be made, in words: the first thing on its path that is in the way.
  private static func obstacle(to folder: String) -> String {
    var place = URL(fileURLWithPath: folder).standardizedFileURL
    var isFolder: ObjCBool = false
    while !FileManager.default.fileExists(atPath: place.path, isDirectory: &isFolder),
      place.path != "/"
    {
      place.deleteLastPathComponent()
    }
    return isFolder.boolValue
      ? "'\(place.path)' cannot be written to" : "'\(place.path)' is a file"
  }

  private static let schema = [
    "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    """
    CREATE TABLE IF NOT EXISTS plan (
      cell INTEGER NOT NULL, seed TEXT NOT NULL, key TEXT NOT NULL, description TEXT NOT NULL,
      PRIMARY KEY (cell, seed)) WITHOUT ROWID
    """,
    """
    CREATE TABLE IF NOT EXISTS results (
      key TEXT PRIMARY KEY, metrics TEXT, error TEXT, is_input_error INTEGER NOT NULL,
      seconds REAL NOT NULL, version TEXT NOT NULL, blas_core TEXT NOT NULL) WITHOUT ROWID
    """,
    """
    CREATE TABLE IF NOT EXISTS artefacts (
      key TEXT NOT NULL, name TEXT NOT NULL, tensor BLOB NOT NULL, PRIMARY KEY (key, name))
    """,
  ]

  // MARK: - What the run is

  func meta(_ key: String) throws -> String? {
    try database.query("SELECT value FROM meta WHERE key = ?", [.text(key)]) { try $0.text(0) }
      .first
  }

  /// Takes `identity` as this folder's experiment, or checks that it is already.
  func adopt(name: String, identity: String) throws {
    if let known = try meta("experiment") {
      if known == identity { return }
      let other = try meta("name") ?? "experiment"
      throw ConfigurationError(
        "'\(folder)' holds the results of another experiment ('\(other)', or an earlier version "
          + "of this one); choose another folder with --out", at: nil)
    }
    try database.transaction { connection in
      for (key, value) in [("experiment", identity), ("name", name)] {
        try connection.execute(
          "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", [.text(key), .text(value)])
      }
    }
  }

  /// The accuracies that reports say when they were reached.
  var targets: [Double] {
    get throws { try meta("targets")?.split(separator: " ").compactMap { Double($0) } ?? [] }
  }

  /// Takes `targets` in place of those it has.
  func set(targets: [Double]) throws {
    try set(meta: "targets", to: targets.map { "\($0)" }.joined(separator: " "))
  }

  /// Keeps `value` in place of what it has under `key`.
  func set(meta key: String, to value: String) throws {
    try database.execute(
      "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", [.text(key), .text(value)])
  }

  // MARK: - The plan

  /// One planned unit: where it stands in the matrix and how to show it.
  struct PlanRow: Sendable, Hashable {
    var cell: Int
    var seed: UInt64
    var key: String
    var description: CellDescription
  }

  /// Adds to the plan what it does not have yet.
  ///
  /// A cell that was asked for once stays asked for, whatever it comes along as later.
  func extend(plan rows: [PlanRow]) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let asked = Set(
      try plan().filter { !$0.description.isCompanion }.map { Unit(cell: $0.cell, seed: $0.seed) })
    let encoded = try rows.map { row in
      var description = row.description
      if asked.contains(Unit(cell: row.cell, seed: row.seed)) { description.isCompanion = false }
      return (row, String(decoding: try encoder.encode(description), as: UTF8.self))
    }
    try database.transaction { connection in
      for (row, description) in encoded {
        try connection.execute(
          "INSERT OR REPLACE INTO plan (cell, seed, key, description) VALUES (?, ?, ?, ?)",
          [.integer(row.cell), .text("\(row.seed)"), .text(row.key), .text(description)])
      }
    }
  }

  /// The plan in the order of the matrix, then of the seeds.
  func plan() throws -> [PlanRow] {
    let decoder = JSONDecoder()
    return try database.query("SELECT cell, seed, key, description FROM plan") { row in
      PlanRow(
        cell: try row.integer(0), seed: UInt64(try row.text(1)) ?? 0, key: try row.text(2),
        description: try decoder.decode(CellDescription.self, from: Data(try row.text(3).utf8)))
    }.sorted { ($0.cell, $0.seed) < ($1.cell, $1.seed) }
  }

  // MARK: - Results

  /// What came of one unit.
  struct ResultRow: Sendable, Hashable {
    var key: String
    /// The figures; nil when it failed.
    var metrics: RunMetrics?
    /// Why it failed.
    var error: String?
    /// Whether the experiment itself is to blame.
    var isInputError = false
    var seconds: Double
    var version: String
    var blasCore: String
  }

  /// Stores a result with what observers made of it, in one transaction; a finished one replaces a
  /// failed one, not the reverse.
  func save(_ row: ResultRow, tensors: [String: Conclusion.Tensor] = [:]) throws {
    let blobs = try tensors.sorted { $0.key < $1.key }.map { name, tensor in
      (name, try BinaryEncoder().encode(tensor))
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let metrics = try row.metrics.map { String(decoding: try encoder.encode($0), as: UTF8.self) }
    try database.transaction { connection in
      try Self.insert(row, metrics, into: connection)
      for (name, blob) in blobs {
        try connection.execute(
          "INSERT OR IGNORE INTO artefacts (key, name, tensor) VALUES (?, ?, ?)",
          [.text(row.key), .text(name), .blob(blob)])
      }
    }
  }

  private static func insert(
    _ row: ResultRow, _ metrics: String?, into connection: Database.Connection
  ) throws {
    try connection.execute(
      """
      INSERT INTO results (key, metrics, error, is_input_error, seconds, version, blas_core)
      VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (key) DO UPDATE SET
        metrics = excluded.metrics, error = excluded.error,
        is_input_error = excluded.is_input_error, seconds = excluded.seconds,
        version = excluded.version, blas_core = excluded.blas_core
      WHERE results.metrics IS NULL
      """,
      [
        .text(row.key), metrics.map { .text($0) } ?? .null, row.error.map { .text($0) } ?? .null,
        .integer(row.isInputError ? 1 : 0), .double(row.seconds), .text(row.version),
        .text(row.blasCore),
      ])
  }

  /// Every stored result by key.
  func results() throws -> [String: ResultRow] {
    let decoder = JSONDecoder()
    let rows = try database.query(
      "SELECT key, metrics, error, is_input_error, seconds, version, blas_core FROM results"
    ) { row in
      ResultRow(
        key: try row.text(0),
        metrics: row.isNull(1)
          ? nil : try decoder.decode(RunMetrics.self, from: Data(try row.text(1).utf8)),
        error: row.isNull(2) ? nil : try row.text(2), isInputError: try row.integer(3) == 1,
        seconds: try row.double(4), version: try row.text(5), blasCore: try row.text(6))
    }
    return Dictionary(uniqueKeysWithValues: rows.map { ($0.key, $0) })
  }

  /// The tensors that observers of the unit `key` concluded, by name; none in stores of programs that
  /// did not keep them.
  func tensors(of key: String) throws -> [String: Conclusion.Tensor] {
    let tables = try database.query(
      "SELECT count(*) FROM sqlite_master WHERE name = 'artefacts'"
    ) { try $0.integer(0) }
    guard tables != [0] else { return [:] }
    let rows = try database.query(
      "SELECT name, tensor FROM artefacts WHERE key = ?", [.text(key)]
    ) { row in
      (
        try row.text(0),
        try BinaryDecoder().decode(Conclusion.Tensor.self, from: try row.blob(1))
      )
    }
    return Dictionary(uniqueKeysWithValues: rows)
  }

  /// The keys of the units that finished.
  func finishedKeys() throws -> Set<String> {
    Set(
      try database.query("SELECT key FROM results WHERE metrics IS NOT NULL") { try $0.text(0) })
  }
}

/// How a cell is shown, without the experiment that made it.
public struct CellDescription: Codable, Sendable, Hashable {
  /// The label on each axis, by the axis's name.
  public var labels: [String: String]
  /// Whether it came along as a clean twin or positive control.
  public var isCompanion: Bool
  /// Why it cannot exist; nil when it can.
  public var refusal: String?
  /// What would work instead.
  public var suggestion: String?
  /// The matrix index of the cell with the same defense and nobody attacking.
  public var twin: Int
  /// The matrix index of the cell with the same attack and no defense.
  public var control: Int
  /// What must be reached in the attack's control, if it has one.
  public var controlMinimum: Double?
  /// What that is a bound of; nil for the accuracy lost.
  public var controlMeasure: PositiveControl.Measure?
  /// The control's bound as a sentence.
  public var controlSummary: String?
  /// What counts if the control's bound is missed, in order; nil when nothing does.
  public var controlAlternatives: [PositiveControl]?
  /// How many of how many clients collude.
  public var colluders: Int
  /// The stages of the defense that get groups' sums in place of updates, which makes them weaker; nil
  /// when none does.
  public var stagesOnGroups: [String]?
  /// The SHA-256 of the data; nil in stores of programs that did not keep it.
  public var dataDigest: String?
  /// What whoever reads along uses that only the server has, `Planner.serverSight`: empty where
  /// released models are enough; nil where nobody attacks and in stores of programs that did not keep
  /// it.
  public var serverSight: [String]?

  /// A description made in code.
  package init(
    labels: [String: String], isCompanion: Bool, refusal: String?, suggestion: String?, twin: Int,
    control: Int, controlMinimum: Double?, controlMeasure: PositiveControl.Measure? = nil,
    controlSummary: String?, controlAlternatives: [PositiveControl]? = nil, colluders: Int,
    stagesOnGroups: [String]? = nil, dataDigest: String? = nil, serverSight: [String]? = nil
  ) {
    self.labels = labels
    self.isCompanion = isCompanion
    self.refusal = refusal
    self.suggestion = suggestion
    self.twin = twin
    self.control = control
    self.controlMinimum = controlMinimum
    self.controlMeasure = controlMeasure
    self.controlSummary = controlSummary
    self.controlAlternatives = controlAlternatives
    self.colluders = colluders
    self.stagesOnGroups = stagesOnGroups
    self.dataDigest = dataDigest
    self.serverSight = serverSight
  }
}
