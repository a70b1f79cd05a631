import Foundation
import Harness

/// One run of the benchmarks: what they need, and what they found.
final class Session {
  /// How long to measure.
  let effort: Effort
  /// Whether only to see that everything works.
  let isSmoke: Bool
  /// The peers' processes.
  let peers: Peers
  private(set) var records: [Record] = []
  private(set) var checks: [Check] = []
  private let table: Table
  private var benchmark = ""
  private var lastOfTable: Record?

  init(effort: Effort, isSmoke: Bool, peers: Peers, paper: Paper) {
    self.effort = effort
    self.isSmoke = isSmoke
    self.peers = peers
    table = Table(paper, hasVerdicts: !isSmoke)
  }

  /// Runs a benchmark.
  func run(_ kind: any Benchmark.Type) throws {
    benchmark = kind.name
    lastOfTable = nil
    table.heading(kind.name, kind.summary)
    do { try kind.run(in: self) } catch let error as BenchError {
      guard case .peer = error else { throw error }
      check("peer", outcome: .failed, "\(error)")
    }
  }

  /// Measures our side with the peer's in the same rounds, and with `baselines`, which are shown
  /// beside but are no peers.
  func compare(
    _ label: String, unit: String, measure: Measure, target: Target? = nil,
    peer task: (any Encodable)? = nil, baselines: [Side] = [],
    arrangements: [Peers.Arrangement] = [.twoProcesses, .twoThreads],
    ours: @escaping (_ seconds: Double) throws -> Double
  ) throws {
    let other = try task.map { try peers.sides(arrangements, $0, measure: measure) } ?? []
    let series = try effort.measure([Side("Rampart", ours)] + other + baselines)
    var record = Record(
      benchmark: benchmark, label: label, unit: unit, measure: measure, ours: series[0],
      others: zip(other, series.dropFirst()).map { Record.Other(name: $0.name, series: $1) })
    record.baselines = zip(baselines, series.suffix(baselines.count)).map {
      Record.Other(name: $0.name, series: $1)
    }
    record.target = target
    add(record)
  }

  /// Takes a record, judges it and shows it.
  func add(_ record: Record) {
    var record = record
    if !isSmoke { record.judge() }
    if record.unit != lastOfTable?.unit || record.titles != lastOfTable?.titles {
      table.columns(of: record)
    }
    lastOfTable = record
    table.show(record)
    records.append(record)
  }

  /// The benchmark's name, for records made by hand.
  var name: String { benchmark }

  /// Takes something that was checked and shows it.
  func check(
    _ label: String, outcome: Check.Outcome, _ finding: String, values: [String: Double] = [:]
  ) {
    let check = Check(
      benchmark: benchmark, label: label, finding: finding, outcome: outcome, values: values)
    table.show(check)
    checks.append(check)
  }

  /// Says something about what follows.
  func remark(_ text: String) { table.remark(text) }

  /// Names the columns of findings made by `Table.finding`.
  func columns(ofFindings names: [String]) { table.columns(ofFindings: names) }

  /// Whether nothing failed; a missed target of speed is not a failure.
  var isSound: Bool { !checks.contains { $0.outcome == .failed } }
}

/// Something to measure or to check.
protocol Benchmark: Sendable {
  /// Its name on the command line.
  static var name: String { get }
  /// What it does, on one line.
  static var summary: String { get }
  /// Does it.
  static func run(in session: Session) throws
}

/// All benchmarks in the order they run.
let benchmarkCatalogue: [any Benchmark.Type] = [
  ExactnessBenchmark.self,
  AllocationsBenchmark.self,
  LocalSGDBenchmark.self,
  GradientMatchingBenchmark.self,
  InversionBenchmark.self,
  GhostStepBenchmark.self,
  DPTrainingBenchmark.self,
  DPAccuracyBenchmark.self,
  LogisticClientsBenchmark.self,
  ManyClientsBenchmark.self,
  DPFedAvgBenchmark.self,
  AggregationBenchmark.self,
  AccountingBenchmark.self,
  SecureAggregationBenchmark.self,
  DataBenchmark.self,
  MembershipBenchmark.self,
  PaillierBenchmark.self,
  VerificationBenchmark.self,
  TwoJobsBenchmark.self,
]
