import Foundation
import Glibc
import Harness

/// The command.
enum Program {
  static func run(_ arguments: [String]) throws {
    if let query = FirstQuery(arguments) { return Paper().line(try query.answer()) }
    if let probe = StepMemory(arguments) { return Paper().line(try probe.answer()) }
    let known = benchmarkCatalogue.map { $0.name }
    let options = try Options(arguments, known: known)
    let paper = Paper()
    guard !options.wantsHelp else { return usage(paper) }
    var effort = options.isSmoke ? Effort.smoke : .full
    effort = Effort(
      rounds: options.rounds ?? effort.rounds, seconds: options.seconds ?? effort.seconds,
      warmUp: effort.warmUp)
    let machine = Machine()
    let peers = Peers(wanted: options.usesPeers)
    show(machine, effort, peers, isSmoke: options.isSmoke, on: paper)

    let session = Session(effort: effort, isSmoke: options.isSmoke, peers: peers, paper: paper)
    let chosen = benchmarkCatalogue.filter {
      options.names.isEmpty || options.names.contains($0.name)
    }
    for benchmark in chosen { try session.run(benchmark) }

    let result = RunRecord(
      machine: machine, effort: effort, isSmoke: options.isSmoke, peers: peers.versions,
      peersAbsent: peers.absence, records: session.records, checks: session.checks)
    try result.write(to: options.record)
    summarise(session, options, on: paper)
    if !session.isSound { exit(1) }
  }

  private static func usage(_ paper: Paper) {
    paper.line(
      """
      usage: ./run bench [NAME ...] [options]

        --smoke        run everything for a moment only; no claims
        --no-peers     do not run the Python peers
        --json FILE    write the figures there (else Benchmarks/last.json)
        --rounds N     rounds, each of every side once (else 7)
        --seconds T    seconds of a side in a round (else 1.5)

      Benchmarks:
      """)
    for benchmark in benchmarkCatalogue {
      paper.line("  \(paper.cell(benchmark.name, 18, right: false)) \(benchmark.summary)")
    }
    paper.line(
      "\nExit codes: 0 done, 1 a check failed or something broke, 2 the request is wrong. A missed\n"
        + "target of speed is printed and is no failure.")
  }

  private static func show(
    _ machine: Machine, _ effort: Effort, _ peers: Peers, isSmoke: Bool, on paper: Paper
  ) {
    let commit = machine.commit + (machine.isModified ? " (modified)" : "")
    paper.line(paper.styled("Rampart benchmarks", .bold) + "  \(machine.date)  commit \(commit)")
    paper.line(
      "\(machine.processor), \(machine.cores) cores, \(machine.instructionSet); "
        + "OpenBLAS kernels \(machine.openBLASCore)")
    if let absence = peers.absence {
      paper.line(paper.styled("peers absent: \(absence)", .yellow))
    } else {
      let versions = peers.versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
      paper.line("peers: " + versions.joined(separator: ", "))
    }
    let load = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)) ?? ""
    let rounds = effort.rounds == 1 ? "1 round" : "\(effort.rounds) rounds"
    paper.line(
      "\(rounds) of \(effort.seconds) s a side, interleaved"
        + (isSmoke ? "; a smoke run: no figure here is a claim" : "")
        + "; load at the start \(load.split(separator: " ").first ?? "unknown")")
  }

  private static func summarise(_ session: Session, _ options: Options, on paper: Paper) {
    let judged = session.records.filter { $0.isReached != nil }
    let checks = session.checks
    paper.line()
    var parts: [String] = []
    if !judged.isEmpty {
      parts.append("\(judged.count { $0.isReached == true }) of \(judged.count) targets met")
    }
    for outcome in [Check.Outcome.passed, .failed, .absent] {
      let count = checks.count { $0.outcome == outcome }
      if count > 0 { parts.append("\(count) \(count == 1 ? "check" : "checks") \(outcome)") }
    }
    if !parts.isEmpty { paper.line(parts.joined(separator: ", ")) }
    for record in judged where record.isReached == false {
      paper.line(paper.styled("missed", .red) + "  \(record.benchmark): \(record.label)")
    }
    for check in checks where check.outcome == .failed {
      paper.line(paper.styled("failed", .red) + "  \(check.benchmark): \(check.label)")
    }
    paper.line("figures: \(options.record.path(percentEncoded: false))")
  }
}
