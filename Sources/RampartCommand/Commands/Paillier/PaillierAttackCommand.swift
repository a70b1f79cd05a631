internal import Attacks
internal import CommandLineTools
internal import Components

extension CommandSpec {
  /// `rampart paillier attack`.
  static let paillierAttack = CommandSpec(
    "attack",
    abstract: "Attack Paillier's encryption, in weak forms and in this library's.",
    discussion: """
        rampart paillier attack all
        rampart paillier attack reused-randomness --seed 7

      Every attack runs against a weak form and against this library's, and knows only what its \
      adversary knows. A line of the sheet is one cell: against what, how far the attack got, \
      whether it got through, and whether theory says it should. One attack on its own also shows \
      what each number rests on; and as a control what guessing gives. Keys come from --seed, so \
      that a sheet repeats, but for the times that exponent-timing measures: |t| beyond 4.5 means \
      that times differ, and where it is beyond, they are measured again and the smaller |t| counts.

      Attacks:
      \(AttackNames(paillierAttackCatalogue.map { $0.card }).list)

      Exit status: 0 every cell came out as theory says, 1 one did not, 2 the command line is wrong.
      """,
    parameters: [
      .argument(
        "NAME", "An attack, or all of them.",
        kind: .oneOf("attack", ["all"] + paillierAttackCatalogue.map { $0.card.name })),
      .option("bits", "N", "Bits of keys that are not weak by their size.", default: "2048"),
      .option("timings", "N", "Times measured of each class.", default: "2000"),
      .option("seed", "SEED", "For messages, keys and randomness.", default: "1"),
      .flag("json", "Write JSON."),
    ]
  ) { arguments in
    let setting = try paillierAttackSetting(arguments)
    let name = arguments.positional("NAME") ?? "all"
    let chosen = paillierAttackCatalogue.filter { name == "all" || $0.card.name == name }
    return AttackSheet(
      seed: setting.seed, isDetailed: name != "all",
      findings: try chosen.flatMap { try $0.init().run(setting) }
    ).write(asJSON: arguments.flag("json"))
  }

  /// What the options say, all mistakes at once.
  static func paillierAttackSetting(
    _ arguments: ParsedArguments
  ) throws -> PaillierAttackSetting {
    var messages: [String] = []
    let seed = AttackSheet.seed(arguments, &messages)
    let bits = Int(arguments.string("bits") ?? "") ?? 0
    if !(512...4096).contains(bits) || bits % 64 != 0 {
      messages.append(
        "--bits \(arguments.string("bits") ?? ""): keys have a multiple of 64 bits in 512...4096")
    }
    let timings = Int(arguments.string("timings") ?? "") ?? 0
    if !(100...1_000_000).contains(timings) {
      messages.append(
        "--timings \(arguments.string("timings") ?? "") must be in 100...1000000")
    }
    guard messages.isEmpty, let seed else { throw UserError(messages) }
    return PaillierAttackSetting(bits: bits, seed: seed, timings: timings)
  }
}
