internal import Attacks
internal import CommandLineTools
internal import Components
internal import Foundation

extension CommandSpec {
  /// `rampart secagg attack`.
  static let secaggAttack = CommandSpec(
    "attack",
    abstract: "Attack a secure aggregation, with and without each defense.",
    discussion: """
        rampart secagg attack all
        rampart secagg attack dropout-equivocation --clients 20 --seed 7

      Every attack runs against the parties of 'rampart secagg simulate', message by message, and \
      knows only what its adversary knows. A line of the sheet is one cell: against what, how far the \
      attack got, whether it got through, and whether theory says it should. One attack on its own \
      also shows what each number rests on: what was recovered, or the reason of a refusal; and as a \
      control what guessing, or keeping to the rules, gives. Keys come from --seed, so that a sheet \
      repeats. A victim v has the vector x_v; n clients take part, t shares open a secret, and c \
      clients collude with the server.

      Attacks:
      \(AttackNames(protocolAttackCatalogue.map { $0.card }).list)

      Exit status: 0 every cell came out as theory says, 1 one did not, 2 the command line is wrong.
      """,
    parameters: [
      .argument(
        "NAME", "An attack, or all of them.",
        kind: .oneOf("attack", ["all"] + protocolAttackCatalogue.map { $0.card.name })),
      .option("clients", "N", "Clients that take part.", default: "10"),
      .option("seed", "SEED", "For updates and keys.", default: "1"),
      .option("jobs", "N", "Threads of an exhaustive search (default: all cores)."),
      .flag("json", "Write JSON."),
    ]
  ) { arguments in
    let setting = try protocolAttackSetting(arguments)
    let name = arguments.positional("NAME") ?? "all"
    let chosen = protocolAttackCatalogue.filter { name == "all" || $0.card.name == name }
    return AttackSheet(
      seed: setting.seed, isDetailed: name != "all",
      findings: try chosen.flatMap { try $0.init().run(setting) }
    ).write(asJSON: arguments.flag("json"))
  }

  /// What the options say, all mistakes at once.
  static func protocolAttackSetting(
    _ arguments: ParsedArguments
  ) throws -> ProtocolAttackSetting {
    var messages: [String] = []
    let clients = AttackSheet.clients(arguments, &messages)
    let seed = AttackSheet.seed(arguments, &messages)
    let jobs =
      arguments.isGiven("jobs")
      ? Int(arguments.string("jobs") ?? "") ?? 0 : ProcessInfo.processInfo.activeProcessorCount
    if jobs < 1 {
      messages.append("--jobs \(arguments.string("jobs") ?? ""): at least 1 thread is needed")
    }
    guard messages.isEmpty, let clients, let seed else { throw UserError(messages) }
    return ProtocolAttackSetting(clients: clients, seed: seed, workers: jobs)
  }
}
