import Algorithms
import Components
import Datasets
import Federation
import Foundation
import Randomness
import TestSupport
import Testing

@Suite("Device traces")
final class TraceTests {
  private let folder = FileManager.default.temporaryDirectory.appending(
    path: "rampart-\(UUID())")

  deinit { try? FileManager.default.removeItem(at: folder) }

  private func device(_ client: Int, name: String = "trace") -> Device {
    Device(
      client: client, population: 9, labelCounts: [5], largestCount: 5, smallestCount: 5,
      traits: testGenerator(name: name).fork("devices", 0, UInt64(client)))
  }

  private func write(_ text: String, _ name: String = "trace.csv") throws -> DataPath {
    let folder = folder.appending(path: "\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = folder.appending(path: name)
    try Data(text.utf8).write(to: file)
    return DataPath(file.path)
  }

  private func trace(
    _ text: String, _ change: (inout Trace.Parameters) -> Void = { _ in }
  ) throws -> Trace {
    var parameters = Trace.Parameters()
    parameters.file = try write(text)
    change(&parameters)
    return try Trace(parameters)
  }

  /// The intervals and answers of a published test: FedScale's `test_client_metadata.py`, `test_is_active`.
  @Test("a FedScale trace gives the answers of FedScale's own test")
  func published() throws {
    let trace = try trace(
      """
      {"client_1": {"duration": 4, "active": [1, 3, 6, 9], "inactive": [1, 4, 7, 10],
       "finish_time": 10, "model": "A"}}
      """)
    let times = [2, 6, 8, 9, 10, 15] as [Double]
    #expect(
      times.map { trace.availability(of: device(0), at: $0) } == [0, 1, 0, 1, 0, 0])
    // Their closed intervals, one lap later, and where the last one touches the next lap.
    #expect(
      [11, 13, 14, 14.5, 19.9].map { trace.availability(of: device(0), at: $0) } == [1, 1, 1, 0, 1])
  }

  @Test("what comes next is on, whatever the units and the place that the run starts at")
  func rounding() throws {
    var generator = testGenerator()
    for _ in 0..<300 {
      let unit = exp(6 * generator.normal())
      let start = 1e6 * generator.uniform()
      let trace = try trace("device,active,inactive\na,0.1,0.7\na,7.3,7.4\n") {
        $0.timeUnit = unit
        $0.start = start
      }
      for _ in 0..<10 {
        let time = generator.uniform() * 100
        let next = try #require(trace.firstContact(of: device(0), from: time))
        #expect(next >= time && trace.availability(of: device(0), at: next) == 1)
      }
    }
  }

  @Test("a table and the same JSON are the same trace; devices go round")
  func forms() throws {
    let table = try trace("inactive,device,x,active\n4,a,-,2\n9,b,-,0\n8,a,-,6\n") {
      $0.length = 12
    }
    let json = try trace(
      #"{"a": {"active": [2, 6], "inactive": [4, 8]}, "b": {"active": [0], "inactive": [9]}}"#
    ) { $0.length = 12 }
    for client in 0..<5 {
      for time in stride(from: 0.0, through: 40, by: 0.25) {
        let place = time.truncatingRemainder(dividingBy: 12)
        let isOn =
          client % 2 == 0 ? (2...4).contains(place) || (6...8).contains(place) : place <= 9
        #expect(table.availability(of: device(client), at: time) == (isOn ? 1 : 0))
        #expect(json.availability(of: device(client), at: time) == (isOn ? 1 : 0))
      }
    }
  }

  @Test(
    "any trace: a look-up agrees with a search through all intervals, and so does what comes next")
  func law() throws {
    var generator = testGenerator()
    for _ in 0..<200 {
      let cuts = (0..<2 * (1 + generator.uniform(below: 6))).map { _ in
        (generator.uniform() * 40).rounded() / 4
      }.sorted()
      let on = stride(from: 0, to: cuts.count, by: 2).map { cuts[$0] }
      let off = stride(from: 1, to: cuts.count, by: 2).map { cuts[$0] }
      let trace = try OnOffTrace(on: on, off: off, length: 10.25)
      func isOn(_ time: Double) -> Bool {
        let place = time.truncatingRemainder(dividingBy: 10.25)
        return zip(on, off).contains { $0 <= place && place <= $1 }
      }
      for step in 0..<170 {
        // Multiples of 1/8: nothing rounds.
        let time = Double(step) / 8
        #expect(trace.isOn(at: time) == isOn(time))
        let next = stride(from: time, through: time + 10.25, by: 0.125).first(where: isOn)
        #expect(trace.firstOn(from: time) == next)
      }
    }
  }

  @Test(
    "the clock follows the trace: no round while all are off, and who goes off loses its update")
  func run() throws {
    let pages = Notebook.Pages()
    var federation = SmallFederation(algorithm: [FedAvg(), Notebook(pages)])
    // 60 seconds a unit. Clients 0, 2, 4 are device a, the others b.
    federation.population = [
      try trace("device,active,inactive\na,180,300\nb,240,299\na,600,1200\n") { $0.timeUnit = 60 }
    ]
    federation.training.rounds = 6
    let record = try federation.scenario().run()
    // Nobody until 3; round 1 from 3 to 4; at 4 all are on, at 5 device b has gone; at 5 device a is on
    // still and gone at 6; then off until 10.
    #expect(record.rounds.map(\.time) == [3, 4, 5, 6, 10, 11])
    #expect(record.rounds.map(\.received) == [0, 3, 3, 0, 0, 3])
    #expect(pages.all.allSatisfy { $0.map(\.client) == [0, 2, 4] })
    // What is kept arrives.
    federation.population = [
      try trace("device,active,inactive\na,180,300\nb,240,299\na,600,1200\n") {
        $0.timeUnit = 60
        $0.keepsUpdates = true
      }
    ]
    #expect(try federation.scenario().run().rounds.map(\.received) == [0, 3, 5, 3, 0, 3])
  }

  @Test(
    "a file that is no trace is refused in one line with its row",
    arguments: [
      ("", "there is nothing in it"),
      ("device,active\na,1\n", "row 1: no column 'inactive'"),
      ("device,active,inactive\n", "it names no device"),
      ("device,active,inactive\na,1,2\nb,1\n", "row 3: holds 2 fields"),
      ("device,active,inactive\na,1,2\nb,1,x\n", "row 3: column 'inactive' holds 'x'"),
      ("device,active,inactive\na,1,2\nb,1,inf\n", "row 3: column 'inactive' holds 'inf'"),
      (
        "device,active,inactive\na,1,2\nb,4,3\n",
        "row 3, device 'b': an interval ends at 3.0, before"
      ),
      (
        "device,active,inactive\na,1,5\nb,1,2\na,4,6\n",
        "row 4, device 'a': an interval starts at 4.0"
      ),
      ("device,active,inactive\na,-1,5\n", "row 2, device 'a': an interval starts at -1.0"),
      ("device,active,inactive\n,1,5\n", "row 2: column 'device' holds nothing"),
      ("device,active,inactive\na,0,0\n", "its trace has length 0.0"),
      ("[1]", "expected an object with one object a device"),
      ("{}", "it names no device"),
      (#"{"a": 3}"#, "device 'a': expected an object"),
      (#"{"a": {"active": [1]}}"#, "device 'a': 'inactive' is missing"),
      (#"{"a": {"active": [1], "inactive": [2, 3]}}"#, "1 times in 'active' and 2 in 'inactive'"),
      (#"{"a": {"active": [1], "inactive": ["x"]}}"#, "item 1 of 'inactive' is no finite number"),
      (
        #"{"a": {"active": [1], "inactive": [9], "finish_time": 5}}"#,
        "device 'a': an interval ends at 9.0, after the trace, which has length 5.0"
      ),
      ("PK\u{3}\u{4}", "this is a ZIP archive"),
      ("{\"a\": {\"active\": [1], \"inactive\": [2]}", "trace.csv:1:"),
    ])
  func badFiles(_ text: String, _ message: String) throws {
    let error = #expect(throws: ParameterError.self) { _ = try trace(text) }
    let problem = try #require(error?.problems.first)
    #expect(problem.key == "file" && problem.message.contains("trace.csv"))
    #expect(problem.message.contains(message), "\(problem.message)")
    #expect(!problem.message.contains("\n"))
  }

  @Test("a missing file, bad parameters and another file than was meant are refused")
  func badParameters() throws {
    var parameters = Trace.Parameters()
    parameters.timeUnit = 0
    parameters.start = -1
    let error = #expect(throws: ParameterError.self) { try Trace(parameters) }
    #expect(error?.problems.map(\.key) == ["file", "time-unit", "start"])
    parameters = Trace.Parameters()
    parameters.file = "no/such/trace.csv"
    let missing = #expect(throws: ParameterError.self) { try Trace(parameters) }
    #expect(missing?.problems.first?.message.contains("no/such/trace.csv") == true)
    let text = "device,active,inactive\na,1,2\n"
    let read = try trace(text).parameters.checksum
    // By sha256sum of GNU coreutils.
    #expect(read == "eabca3a8d07fee92")
    #expect(try trace(text) { $0.checksum = String(read.prefix(6)) }.parameters.checksum == read)
    let other = #expect(throws: ParameterError.self) {
      _ = try trace(text) { $0.checksum = "0123" }
    }
    #expect(other?.problems.map(\.key) == ["checksum"])
  }

  /// The figures of FedScale's `test_get_completion_time`: 1000 ms a sample, bandwidth 1.
  @Test("completion times are those of FedScale's own test, and sums by hand")
  func speeds() throws {
    var parameters = DeviceSpeed.Parameters()
    parameters.file = try write("device,computation,communication\na,1000,1\nb,20,500\n")
    var generator = testGenerator()
    let speed = try DeviceSpeed(parameters)
    // One sample, one kbit each way: 3 s and 2 s.
    let small = DeviceWork(round: 0, examples: 1, bytesDown: 125, bytesUp: 125)
    #expect(speed.delay(of: device(0), work: small, using: &generator) == 5)
    #expect(speed.delay(of: device(2), work: small, using: &generator) == 5)
    // 3 · 200 · 0.02 s and 8 · 500,000 / 500,000 s, in minutes.
    parameters.timeUnit = 60
    let work = DeviceWork(round: 0, examples: 200, bytesDown: 200_000, bytesUp: 300_000)
    #expect(
      try DeviceSpeed(parameters).delay(of: device(1), work: work, using: &generator) == 20 / 60.0)
    parameters.file = try write(
      #"{"x": {"computation": 20, "communication": 500.0}}"#, "capacity.json")
    #expect(
      try DeviceSpeed(parameters).delay(of: device(1), work: work, using: &generator) == 20 / 60.0)
  }

  @Test(
    "a file that is no table of speeds is refused with its row",
    arguments: [
      ("device,computation,communication\na,1,0\n", "row 2, device 'a': 'communication' is 0.0"),
      ("device,computation,communication\na,-1,1\n", "row 2, device 'a': 'computation' is -1.0"),
      (
        "device,computation,communication\na,1,1\nb,1,1\na,1,1\n", "row 4, device 'a': expected one"
      ),
      (#"{"a": {"computation": [], "communication": 3}}"#, "device 'a': expected one speed"),
    ])
  func badSpeeds(_ text: String, _ message: String) throws {
    var parameters = DeviceSpeed.Parameters()
    parameters.file = try write(text)
    let error = #expect(throws: ParameterError.self) { try DeviceSpeed(parameters) }
    #expect(error?.problems.first?.message.contains(message) == true, "\(error as Any)")
  }

  @Test("days: each device is on for its share, at hours of its own, and the next start is found")
  func diurnal() throws {
    let diurnal = try Diurnal(.init())
    for client in 0..<40 {
      let one = device(client, name: "diurnal")
      let minutes = (0..<2400).map { diurnal.availability(of: one, at: Double($0) / 100) }
      // 40% of the hundredths of hours of a day, but for the ends.
      #expect(abs(minutes.reduce(0, +) - 960) <= 1)
      // On once and off once a day, and the same a day later.
      #expect(zip(minutes, minutes.dropFirst() + [minutes[0]]).count { $0 != $1 } == 2)
      #expect(diurnal.availability(of: one, at: 24 * 7 + 3.005) == minutes[300])
      for hour in 0..<48 {
        let next = try #require(diurnal.firstContact(of: one, from: Double(hour)))
        #expect(next >= Double(hour) && next <= Double(hour) + 14.4 + 1e-9)
        #expect(diurnal.availability(of: one, at: next) == 1)
        #expect(
          next == Double(hour) || diurnal.availability(of: one, at: next - 1e-6) == 0)
      }
    }
    // Starts are uniform over half a day: at hour h < 9.6 those with φ in [0, h] are on, h/12 of them.
    // Binomial(4000, 1/2) at 6, 5 deviations: false-alarm rate 6e-7.
    let on = (0..<4000).count {
      diurnal.availability(of: device($0, name: "diurnal"), at: 6) == 1
    }
    #expect(abs(Double(on) - 2000) < 5 * 1000.0.squareRoot())
  }

  @Test("damaged files of devices are refused or read, and never crash or hang")
  func fuzz() throws {
    let corpus = [
      "device,active,inactive\na,180,300\nb,240,299\na,600,1200\n",
      #"{"a": {"active": [2, 6], "inactive": [4, 8], "finish_time": 10}, "b": {"active": [0], "inactive": [9]}}"#,
      "\"device\",active,inactive\r\n\"a,\"\"b\",1e1,20.5\r\n",
    ]
    let inputs =
      ProcessInfo.processInfo.environment["RAMPART_FUZZ_INPUTS"].flatMap { Int($0) } ?? 3000
    var mutator = Mutator(
      corpus.map { Array($0.utf8) },
      words: ["device", "active", ",", "\n", "\"", "[", "{", "1e308", "-0", "nan", "1e-320"],
      generator: testGenerator())
    var read = 0
    for _ in 0..<inputs {
      let bytes = mutator.next()
      do {
        let table = try DeviceTable(
          parsing: bytes, file: "f", columns: ["active", "inactive"], optional: ["finish_time"])
        let traces = try Trace.traces(table, file: "f", length: 0)
        read += 1
        for trace in traces {
          for time in [0, 1.5, 700, 1e6, 1e300] {
            if let next = trace.firstOn(from: time) { #expect(next >= time && !next.isNaN) }
          }
        }
      } catch {
        #expect(!"\(error)".contains("\n"))
      }
    }
    #expect(read > inputs / 50)
  }
}
