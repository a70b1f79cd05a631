internal import CSQLite
internal import Glibc
internal import Synchronization

/// An SQLite file: the one file of this package that calls SQLite.
///
///     let database = try Database(path: "run/results.sqlite")
///     try database.execute("INSERT INTO cell (key, accuracy) VALUES (?, ?)", [.text(key), 0.93])
///     let best = try database.query("SELECT max(accuracy) FROM cell") { try $0.double(0) }
///
/// Journal: write-ahead log with `synchronous = NORMAL`. A process killed at any moment leaves the
/// file whole, with every committed transaction and nothing of the one under way; only a power cut
/// may take back the last commits. File systems without shared memory fall back to SQLite's
/// rollback journal, which promises the same.
///
/// Safe for several threads, which take turns, and for several processes on one file: a writer
/// waits up to ten seconds for another.
public final class Database: Sendable {
  /// How a file is opened.
  public enum Access: Sendable, Hashable {
    /// For reading and writing; the file is created if it is missing, its folder is not.
    case create
    /// For reading and writing; the file must be there.
    case write
    /// For reading; works in a folder that cannot be written to.
    case read
  }

  /// The file.
  public let path: String

  // The connection is used only inside `withConnection`, one thread at a time.
  private nonisolated(unsafe) let connection: Connection
  private let lock = Mutex<Void>(())
  private let owner = Atomic<UInt>(0)

  /// Opens the file at `path`.
  public init(path: String, access: Access = .create) throws(DatabaseError) {
    self.path = path
    connection = try Connection(path: path, access: access)
  }

  /// Runs `body` with the connection, while other threads wait.
  ///
  /// The connection must not leave `body`. Inside, use it and not the database, which would wait
  /// for itself; that is a programming error and stops the process.
  public func withConnection<Result: Sendable, Failure: Error>(
    _ body: (Connection) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let thread = UInt(pthread_self())
    precondition(
      owner.load(ordering: .relaxed) != thread,
      "a database was used inside its own query or transaction; use the connection given there")
    return try lock.withLock { _ throws(Failure) in
      owner.store(thread, ordering: .relaxed)
      defer { owner.store(0, ordering: .relaxed) }
      return try body(connection)
    }
  }

  /// Runs `body` as one transaction: all of it is kept, or, if it throws, nothing.
  @discardableResult
  public func transaction<Result: Sendable>(_ body: (Connection) throws -> Result) throws -> Result
  {
    try withConnection { try $0.transaction(body) }
  }

  /// Runs one statement; see `Connection.execute`.
  @discardableResult
  public func execute(_ sql: String, _ bindings: [SQLValue] = []) throws(DatabaseError) -> Int {
    try withConnection { connection throws(DatabaseError) in
      try connection.execute(sql, bindings)
    }
  }

  /// Runs one statement and maps its rows; see `Connection.query`.
  @discardableResult
  public func query<Element: Sendable>(
    _ sql: String, _ bindings: [SQLValue] = [], _ row: (SQLRow) throws -> Element
  ) throws -> [Element] {
    try withConnection { try $0.query(sql, bindings, row) }
  }

  /// One open SQLite file, for one thread at a time. Handed out by `Database`.
  public final class Connection {
    private let path: String
    private var handle: OpaquePointer?
    private var cache: [String: OpaquePointer] = [:]

    fileprivate init(path: String, access: Access) throws(DatabaseError) {
      self.path = path
      try DatabaseError.checkPlace(path, creating: access == .create)
      try open(path, access)
      do {
        try configure(access)
      } catch {
        // A folder that cannot be written to leaves no room for the log's shared memory. Without a
        // log beside it the file is complete and nobody has it open for writing.
        let isUnwritable = error.reason == .cannotOpen || error.reason == .readOnly
        guard access == .read, isUnwritable, Glibc.access(path + "-wal", F_OK) != 0 else {
          throw error
        }
        close()
        try open(immutableLocator(path), access)
        try configure(access)
      }
    }

    deinit { close() }

    private func open(_ name: String, _ access: Access) throws(DatabaseError) {
      let mode =
        switch access {
        case .create: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        case .write: SQLITE_OPEN_READWRITE
        case .read: SQLITE_OPEN_READONLY | (name == path ? 0 : SQLITE_OPEN_URI)
        }
      let code = sqlite3_open_v2(
        name, &handle, mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
      guard code == SQLITE_OK else {
        defer { close() }
        throw error(code, "opening")
      }
      sqlite3_busy_timeout(handle, 10_000)
    }

    private func immutableLocator(_ path: String) -> String {
      let digits = Array("0123456789ABCDEF")
      let escaped = path.utf8.map { byte in
        switch byte {
        case 0x2F, 0x2D...0x2E, 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A:
          String(UnicodeScalar(byte))
        default: "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
        }
      }
      return "file:\(escaped.joined())?immutable=1"
    }

    private func configure(_ access: Access) throws(DatabaseError) {
      try execute("PRAGMA foreign_keys = ON")
      if access == .read {
        _ = try pragma("schema_version")
        return
      }
      // Switching needs the file for itself, and SQLite does not always wait for that.
      let deadline = ContinuousClock.now + .seconds(10)
      while true {
        do {
          try execute("PRAGMA journal_mode = WAL")
          break
        } catch {
          guard error.reason == .busy, ContinuousClock.now < deadline else { throw error }
          usleep(10_000)
        }
      }
      try execute("PRAGMA synchronous = NORMAL")
    }

    private func close() {
      for statement in cache.values { sqlite3_finalize(statement) }
      cache = [:]
      sqlite3_close_v2(handle)
      handle = nil
    }

    // MARK: Statements

    /// Runs one statement, ignoring rows it may give, and returns how many rows it changed.
    ///
    /// - Parameters:
    ///   - sql: One statement with `?` for each value.
    ///   - bindings: The values, as many as there are `?`.
    @discardableResult
    public func execute(_ sql: String, _ bindings: [SQLValue] = []) throws(DatabaseError) -> Int {
      let before = sqlite3_total_changes(handle)
      let statement = try prepare(sql, bindings)
      defer { release(statement, sql) }
      while try step(statement, sql) {}
      return Int(sqlite3_total_changes(handle) - before)
    }

    /// Runs several statements that take no values, such as a schema.
    public func executeScript(_ sql: String) throws(DatabaseError) {
      let code = sqlite3_exec(handle, sql, nil, nil, nil)
      guard code == SQLITE_OK else { throw error(code, sql) }
    }

    /// Runs one statement and returns `row` of each row it gives, in order.
    @discardableResult
    public func query<Element>(
      _ sql: String, _ bindings: [SQLValue] = [], _ row: (SQLRow) throws -> Element
    ) throws -> [Element] {
      let statement = try prepare(sql, bindings)
      defer { release(statement, sql) }
      let columns = (0..<sqlite3_column_count(statement)).map { index in
        sqlite3_column_name(statement, index).map { String(cString: $0) } ?? ""
      }
      var elements: [Element] = []
      while try step(statement, sql) {
        let values = columns.indices.map { value(statement, Int32($0)) }
        elements.append(try row(SQLRow(columns: columns, values: values, path: path)))
      }
      return elements
    }

    /// Runs `body` as one transaction: all of it is kept, or, if it throws, nothing.
    ///
    /// It takes the right to write at once, so that waiting for another writer happens here and
    /// not in the middle. Transactions do not nest.
    @discardableResult
    public func transaction<Result>(_ body: (Connection) throws -> Result) throws -> Result {
      precondition(sqlite3_get_autocommit(handle) != 0, "transactions do not nest")
      try execute("BEGIN IMMEDIATE")
      do {
        let result = try body(self)
        try execute("COMMIT")
        return result
      } catch {
        // SQLite has rolled back by itself after some errors, such as a full disk.
        if sqlite3_get_autocommit(handle) == 0 { _ = try? execute("ROLLBACK") }
        throw error
      }
    }

    /// The version of the schema in the file: `PRAGMA user_version`, 0 in a new file.
    public var userVersion: Int {
      get throws(DatabaseError) { try pragma("user_version") }
    }

    /// Sets the version of the schema; part of the transaction under way, if one is.
    public func setUserVersion(_ version: Int32) throws(DatabaseError) {
      try execute("PRAGMA user_version = \(version)")
    }

    /// Whose file this is: `PRAGMA application_id`, 0 in a new file.
    public var applicationID: Int {
      get throws(DatabaseError) { try pragma("application_id") }
    }

    /// Marks whose file this is; part of the transaction under way, if one is.
    public func setApplicationID(_ id: Int32) throws(DatabaseError) {
      try execute("PRAGMA application_id = \(id)")
    }

    private func pragma(_ name: String) throws(DatabaseError) -> Int {
      let sql = "PRAGMA \(name)"
      let statement = try prepare(sql, [])
      defer { release(statement, sql) }
      return try step(statement, sql) ? Int(sqlite3_column_int64(statement, 0)) : 0
    }

    // MARK: Below this line everything is one SQLite call with its error translated

    /// A statement from the cache or a new one, with its values bound. While it runs it is out of
    /// the cache, so that the same text can run inside its own rows.
    private func prepare(_ sql: String, _ bindings: [SQLValue]) throws(DatabaseError)
      -> OpaquePointer
    {
      let statement: OpaquePointer
      if let cached = cache.removeValue(forKey: sql) {
        statement = cached
      } else {
        var made: OpaquePointer?
        let code = compile(sql, &made)
        guard code == SQLITE_OK else { throw error(code, sql) }
        guard let made else { preconditionFailure("no statement in '\(sql)'") }
        statement = made
      }
      precondition(
        Int(sqlite3_bind_parameter_count(statement)) == bindings.count,
        "\(bindings.count) values for '\(sql)'")
      for (index, value) in bindings.enumerated() {
        let code = bind(value, to: statement, at: Int32(index + 1))
        guard code == SQLITE_OK else {
          sqlite3_finalize(statement)
          throw error(code, sql)
        }
      }
      return statement
    }

    private func compile(_ sql: String, _ statement: inout OpaquePointer?) -> Int32 {
      sql.withCString { text in
        var tail: UnsafePointer<CChar>?
        let persistent = UInt32(SQLITE_PREPARE_PERSISTENT)
        let code = sqlite3_prepare_v3(handle, text, -1, persistent, &statement, &tail)
        let rest = tail.map { String(cString: $0) } ?? ""
        precondition(
          code != SQLITE_OK || rest.allSatisfy { $0.isWhitespace || $0 == ";" },
          "several statements at once; use executeScript: \(rest)")
        return code
      }
    }

    private func release(_ statement: OpaquePointer, _ sql: String) {
      sqlite3_reset(statement)
      sqlite3_clear_bindings(statement)
      if cache.count >= 64 {
        for old in cache.values { sqlite3_finalize(old) }
        cache = [:]
      }
      if let old = cache.updateValue(statement, forKey: sql) { sqlite3_finalize(old) }
    }

    /// Whether there is a row.
    private func step(_ statement: OpaquePointer, _ sql: String) throws(DatabaseError) -> Bool {
      switch sqlite3_step(statement) {
      case SQLITE_ROW: return true
      case SQLITE_DONE: return false
      case let code: throw error(code, sql)
      }
    }

    private func bind(_ value: SQLValue, to statement: OpaquePointer, at index: Int32) -> Int32 {
      // SQLite's name for "copy the bytes now".
      let copies = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
      switch value {
      case .null: return sqlite3_bind_null(statement, index)
      case .integer(let number): return sqlite3_bind_int64(statement, index, Int64(number))
      case .double(let number): return sqlite3_bind_double(statement, index, number)
      case .text(let text):
        let utf8 = UInt8(SQLITE_UTF8)
        return text.withCString {
          sqlite3_bind_text64(statement, index, $0, UInt64(text.utf8.count), copies, utf8)
        }
      case .blob(let bytes) where bytes.isEmpty: return sqlite3_bind_zeroblob(statement, index, 0)
      case .blob(let bytes):
        return sqlite3_bind_blob64(statement, index, bytes, UInt64(bytes.count), copies)
      }
    }

    private func value(_ statement: OpaquePointer, _ column: Int32) -> SQLValue {
      switch sqlite3_column_type(statement, column) {
      case SQLITE_INTEGER: return .integer(Int(sqlite3_column_int64(statement, column)))
      case SQLITE_FLOAT: return .double(sqlite3_column_double(statement, column))
      case SQLITE_TEXT:
        let start = sqlite3_column_text(statement, column)
        let count = Int(sqlite3_column_bytes(statement, column))
        return .text(
          String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self))
      case SQLITE_BLOB:
        let start = sqlite3_column_blob(statement, column)
        let count = Int(sqlite3_column_bytes(statement, column))
        return .blob(Array(UnsafeRawBufferPointer(start: start, count: count)))
      default: return .null
      }
    }

    private func error(_ code: Int32, _ sql: String) -> DatabaseError {
      let message = sqlite3_errmsg(handle).map { String(cString: $0) } ?? "out of memory"
      return DatabaseError(path: path, code: Int(code), message: message, action: sql)
    }
  }
}
