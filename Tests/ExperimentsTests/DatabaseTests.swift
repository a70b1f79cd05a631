import Experiments
import Foundation
import Synchronization
import Testing

@Suite("Database")
struct DatabaseTests {
  private static func makeFolder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(path: "db " + UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  /// Runs `body` with the path of a folder that is gone afterwards.
  private static func withFolder(_ body: (String) throws -> Void) throws {
    let folder = try makeFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.path)
  }

  private static func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = try makeFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder.path)
  }

  private static func numbers(_ database: Database) throws -> [Int] {
    try database.query("SELECT n FROM item ORDER BY n") { try $0.integer(0) }
  }

  private static func failure(_ body: () throws -> Void) -> DatabaseError? {
    do {
      try body()
      return nil
    } catch {
      return error as? DatabaseError
    }
  }

  @Test("every kind of value comes back bit by bit, except that NaN is null")
  func roundTrip() throws {
    try Self.withFolder { folder in
      let values: [SQLValue] = [
        .null, .integer(.min), .integer(.max), .double(0.1), .double(-0.0), .double(.infinity),
        .double(.leastNonzeroMagnitude), .text(""), .text("é\u{0}😀'"), .blob([]), .blob([0, 255]),
        .double(2),
      ]
      do {
        let database = try Database(path: folder + "/a.sqlite")
        try database.execute("CREATE TABLE item (n INTEGER PRIMARY KEY, v)")
        for value in values { try database.execute("INSERT INTO item (v) VALUES (?)", [value]) }
        #expect(try database.execute("INSERT INTO item (v) VALUES (?)", [.double(.nan)]) == 1)
      }
      let database = try Database(path: folder + "/a.sqlite", access: .read)
      let back = try database.query("SELECT v FROM item ORDER BY n") { $0[0] }
      #expect(back == values + [.null])
      let bits = try database.query("SELECT v FROM item WHERE n = 5") {
        try $0.double(0).bitPattern
      }
      #expect(bits == [(-0.0).bitPattern])
      #expect(
        try database.query("SELECT n, v AS w FROM item WHERE n = 2") { $0["w"] } == [.integer(.min)]
      )
    }
  }

  @Test("a row tells which column holds something else than its reader expects")
  func unexpectedValue() throws {
    let database = try Database(path: ":memory:")
    let error = Self.failure {
      try database.query("SELECT 'x' AS accuracy") { try $0.double(0) }
    }
    #expect(error?.reason == .unexpectedValue)
    #expect(
      "\(try #require(error))".contains("the column accuracy holds text where a number belongs"))
    #expect(throws: DatabaseError.self) { try database.query("SELECT 1") { try $0.text(0) } }
    #expect(throws: DatabaseError.self) { try database.query("SELECT NULL") { try $0.integer(0) } }
    #expect(try database.query("SELECT 2") { try $0.double(0) } == [2])
  }

  @Test("a transaction that throws leaves nothing, and the next one works")
  func rollback() throws {
    struct Stop: Error {}
    let database = try Database(path: ":memory:")
    try database.execute("CREATE TABLE item (n INTEGER PRIMARY KEY)")
    #expect(throws: Stop.self) {
      try database.transaction { connection in
        try connection.execute("INSERT INTO item VALUES (1)")
        try connection.setUserVersion(7)
        throw Stop()
      }
    }
    #expect(try Self.numbers(database) == [])
    #expect(try database.withConnection { try $0.userVersion } == 0)

    let error = Self.failure {
      try database.transaction { connection in
        try connection.execute("INSERT INTO item VALUES (1)")
        try connection.execute("INSERT INTO item VALUES (1)")
      }
    }
    #expect(error?.reason == .constraint)
    #expect("\(try #require(error))".contains("'INSERT INTO item VALUES (1)' failed"))
    #expect(try Self.numbers(database) == [])

    try database.transaction { connection in
      try connection.execute("INSERT INTO item VALUES (2)")
      try connection.setUserVersion(7)
      try connection.setApplicationID(99)
    }
    #expect(try Self.numbers(database) == [2])
    #expect(try database.withConnection { try $0.userVersion } == 7)
    #expect(try database.withConnection { try $0.applicationID } == 99)
  }

  @Test("foreign keys hold, scripts run, and one text can run inside its own rows")
  func statements() throws {
    let database = try Database(path: ":memory:")
    try database.withConnection { connection in
      try connection.executeScript(
        """
        CREATE TABLE item (n INTEGER PRIMARY KEY);
        CREATE TABLE part (n INTEGER REFERENCES item (n));
        INSERT INTO item VALUES (1), (2);
        """)
      #expect(throws: DatabaseError.self) { try connection.execute("INSERT INTO part VALUES (9)") }
      let pairs = try connection.query("SELECT n FROM item ORDER BY n") { outer in
        try connection.query("SELECT n FROM item ORDER BY n") { inner in
          try outer.integer(0) * 10 + inner.integer(0)
        }
      }
      #expect(pairs == [[11, 12], [21, 22]])
      #expect(try connection.execute("UPDATE item SET n = n + 10") == 2)
    }
    for n in 0..<200 {
      #expect(try database.query("SELECT \(n)") { try $0.integer(0) } == [n])
    }
    #expect(try #require(Self.failure { try database.execute("SELEC 1") }).reason == .other)
  }

  @Test("two connections and eight threads write to one file and nothing is lost")
  func concurrentWriters() async throws {
    try await Self.withFolder { folder in
      let path = folder + "/shared.sqlite"
      let first = try Database(path: path)
      try first.execute("CREATE TABLE item (n INTEGER PRIMARY KEY, total INTEGER)")
      let second = try Database(path: path)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for thread in 0..<8 {
          group.addTask {
            let database = thread.isMultiple(of: 2) ? first : second
            for index in 0..<25 {
              try database.transaction { connection in
                let count = try connection.query("SELECT count(*) FROM item") { try $0.integer(0) }
                try connection.execute(
                  "INSERT INTO item VALUES (?, ?)",
                  [.integer(thread * 100 + index), .integer(count[0])])
              }
            }
          }
        }
        try await group.waitForAll()
      }
      // Each transaction saw all that came before it: the totals are 0, 1, 2, ... without a gap.
      let totals = try first.query("SELECT total FROM item ORDER BY total") { try $0.integer(0) }
      #expect(totals == Array(0..<200))
    }
  }

  @Test("a writer waits for another that takes its time")
  func waiting() throws {
    try Self.withFolder { folder in
      let path = folder + "/shared.sqlite"
      let first = try Database(path: path)
      try first.execute("CREATE TABLE item (n INTEGER PRIMARY KEY)")
      let second = try Database(path: path)
      let outcome = Mutex<DatabaseError??>(nil)
      let started = DispatchSemaphore(value: 0)
      let ended = DispatchSemaphore(value: 0)
      // A thread of its own: it starts while the transaction is open, and can only end after it.
      Thread.detachNewThread {
        started.wait()
        let failure = Self.failure { try second.execute("INSERT INTO item VALUES (2)") }
        outcome.withLock { $0 = .some(failure) }
        ended.signal()
      }
      try first.transaction { connection in
        try connection.execute("INSERT INTO item VALUES (1)")
        started.signal()
        usleep(300_000)
        #expect(outcome.withLock { $0 } == nil, "the second writer did not wait")
        try connection.execute("INSERT INTO item VALUES (3)")
      }
      ended.wait()
      #expect(outcome.withLock { $0 } == .some(nil))
      #expect(try Self.numbers(first) == [1, 2, 3])
    }
  }

  @Test("many connections can open a new file at once")
  func concurrentOpening() async throws {
    try await Self.withFolder { folder in
      let path = folder + "/new.sqlite"
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<16 {
          group.addTask {
            let database = try Database(path: path)
            try database.execute("CREATE TABLE IF NOT EXISTS item (n INTEGER PRIMARY KEY)")
          }
        }
        try await group.waitForAll()
      }
    }
  }

  @Test("a file that is no database is refused and left as it was")
  func notADatabase() throws {
    try Self.withFolder { folder in
      let path = folder + "/notes.sqlite"
      let content = Data("These are notes, not a database, and they are dear to me.".utf8)
      try content.write(to: URL(filePath: path))
      for access in [Database.Access.create, .write, .read] {
        let error = try #require(Self.failure { _ = try Database(path: path, access: access) })
        #expect(error.reason == .notADatabase)
        #expect("\(error)".hasPrefix("\(path): it is not a database"))
      }
      #expect(try Data(contentsOf: URL(filePath: path)) == content)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["notes.sqlite"])
    }
  }

  @Test("a damaged file is told from one that never was a database")
  func damaged() throws {
    try Self.withFolder { folder in
      let path = folder + "/run.sqlite"
      do {
        let database = try Database(path: path)
        try database.execute("CREATE TABLE item (n INTEGER PRIMARY KEY, t TEXT)")
        try database.transaction { connection in
          for n in 0..<2000 {
            try connection.execute(
              "INSERT INTO item VALUES (?, ?)", [.integer(n), .text("row \(n) and some more")])
          }
        }
      }
      var bytes = try Data(contentsOf: URL(filePath: path))
      for index in 4096..<bytes.count { bytes[index] = 0x5A }
      try bytes.write(to: URL(filePath: path))
      let error = try #require(
        Self.failure {
          try Database(path: path).query("SELECT * FROM item") { $0[0] }
        })
      #expect(error.reason == .damaged)
      #expect("\(error)".contains("move it away"))
    }
  }

  @Test("missing files and folders are named")
  func missing() throws {
    try Self.withFolder { folder in
      func message(_ path: String, _ access: Database.Access) -> String {
        Self.failure { _ = try Database(path: path, access: access) }?.description ?? "opened"
      }
      #expect(message(folder, .create) == "\(folder): this is a folder, not a database")
      #expect(message(folder + "/a", .read) == "\(folder)/a: there is no such file")
      #expect(message(folder + "/a", .write) == "\(folder)/a: there is no such file")
      #expect(
        message(folder + "/b/a", .create) == "\(folder)/b/a: the folder \(folder)/b does not exist")
      _ = try Database(path: folder + "/c")
      #expect(
        message(folder + "/c/a", .create) == "\(folder)/c/a: \(folder)/c is a file, not a folder")
    }
  }

  @Test("a folder that cannot be written to gives read access only")
  func unwritableFolder() throws {
    try Self.withFolder { folder in
      let path = folder + "/a #1%.sqlite"
      let files = FileManager.default
      try Database(path: path).execute("CREATE TABLE item (n INTEGER PRIMARY KEY)")
      try files.setAttributes([.posixPermissions: 0o444], ofItemAtPath: path)
      try files.setAttributes([.posixPermissions: 0o555], ofItemAtPath: folder)
      defer { try? files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder) }
      if files.isWritableFile(atPath: folder) { return }  // the superuser writes everywhere
      let new = try #require(Self.failure { _ = try Database(path: folder + "/b") })
      #expect("\(new)".contains("choose a folder"))
      let old = try #require(
        Self.failure { try Database(path: path).execute("INSERT INTO item VALUES (1)") })
      #expect(old.reason == .readOnly)
      let reader = try Database(path: path, access: .read)
      #expect(try Self.numbers(reader) == [])
    }
  }

  @Test("a full disk is reported, and what was finished is kept")
  func full() throws {
    let database = try Database(path: ":memory:")
    try database.execute("CREATE TABLE item (n INTEGER PRIMARY KEY, b BLOB)")
    try database.execute("INSERT INTO item VALUES (1, NULL)")
    // A limit on pages is reported as a full disk is.
    try database.query("PRAGMA max_page_count = 4") { $0[0] }
    let error = try #require(
      Self.failure {
        _ = try database.transaction { connection in
          try connection.execute("INSERT INTO item VALUES (2, zeroblob(100000))")
        }
      })
    #expect(error.reason == .full)
    #expect("\(error)".contains("free some space"))
    #expect(try Self.numbers(database) == [1])
  }

  @Test("using the database inside its own transaction stops instead of waiting for ever")
  func reentrance() async {
    await #expect(processExitsWith: .failure) {
      let database = try Database(path: ":memory:")
      try database.transaction { _ in try database.execute("SELECT 1") }
    }
  }

  /// Writes transactions of ten rows until it is killed, noting each commit beside the file.
  static func writeUntilKilled(folder: String, afterMicroseconds delay: Int) throws {
    let database = try Database(path: folder + "/run.sqlite")
    try database.execute("CREATE TABLE IF NOT EXISTS item (n INTEGER PRIMARY KEY, pad BLOB)")
    Thread.detachNewThread {
      usleep(UInt32(delay))
      kill(getpid(), SIGKILL)
    }
    let notes = try FileHandle(forWritingTo: URL(filePath: folder + "/commits"))
    try notes.seekToEnd()
    let start = try database.query("SELECT coalesce(max(n) + 1, 0) FROM item") { try $0.integer(0) }
    for block in 0... {
      try database.transaction { connection in
        for index in 0..<10 {
          let n = start[0] + block * 10 + index
          try connection.execute("INSERT INTO item VALUES (?, zeroblob(3000))", [.integer(n)])
        }
      }
      try notes.write(contentsOf: Data("\(start[0] + block * 10 + 10)\n".utf8))
    }
  }

  @Test("a process killed at any moment leaves every finished transaction and nothing else")
  func kills() async throws {
    try await Self.withFolder { folder in
      try Data().write(to: URL(filePath: folder + "/commits"))
      var total = 0
      for round in 0..<6 {
        let delay = 2_000 + round * 7_919
        await #expect(processExitsWith: .signal(SIGKILL)) {
          [folder = folder as String, delay = delay as Int] in
          try DatabaseTests.writeUntilKilled(folder: folder, afterMicroseconds: delay)
        }
        let database = try Database(path: folder + "/run.sqlite")
        #expect(try database.query("PRAGMA integrity_check") { try $0.text(0) } == ["ok"])
        let rows = try Self.numbers(database)
        let notes = try String(contentsOfFile: folder + "/commits", encoding: .utf8)
        let committed = notes.split(separator: "\n").last.flatMap { Int($0) } ?? 0
        #expect(rows == Array(0..<rows.count))
        #expect(rows.count.isMultiple(of: 10), "part of a transaction was kept")
        #expect(rows.count >= committed, "a finished transaction was lost")
        #expect(rows.count >= total)
        total = rows.count
      }
      #expect(total > 0)
    }
  }
}
