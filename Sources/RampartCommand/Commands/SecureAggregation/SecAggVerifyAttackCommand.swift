internal import Attacks
internal import CommandLineTools
internal import Components

extension CommandSpec {
  /// `rampart secagg verify-attack`.
  static let secaggVerifyAttack = CommandSpec(
    "verify-attack",
    abstract: "Attack the ways to verify a sum: which forgery and which leak each withstands.",
    discussion: """
        rampart secagg verify-attack all
        rampart secagg verify-attack server-forgery --clients 20 --seed 7

      Every attack runs against every way to verify, over a double-masked sum of encoded updates, and \
      knows only what its adversary knows. A line of the sheet is one cell: against what, how far the \
      attack got, whether it got through, and whether theory says it should. One attack on its own \
      also shows what each number rests on. Keys come from --seed, so that a sheet repeats.

      double-masking verifies nothing and is the control. verifynet-reconstructed is VerifyNet as it \
      can be rebuilt from public implementations: what breaks its public-code form breaks that code, \
      and says nothing of the paper. Its labelled form names session, round, user and coordinate in \
      the masks; its per-vector form has one hidden proof for a vector. verifl is published, with the \
      commitment of its reference code, or mended; versa has a second masked sum; committed has signed \
      commitments to vectors.

      Attacks:
      \(AttackNames(verificationAttackCatalogue.map { $0.card }).list)

      Exit status: 0 every cell came out as theory says, 1 one did not, 2 the command line is wrong.
      """,
    parameters: [
      .argument(
        "NAME", "An attack, or all of them.",
        kind: .oneOf("attack", ["all"] + verificationAttackCatalogue.map { $0.card.name })),
      .option("clients", "N", "Clients that take part.", default: "10"),
      .option("dimension", "M", "Coordinates of an update, 2 to 1024.", default: "8"),
      .option("seed", "SEED", "For updates and keys.", default: "1"),
      .flag("json", "Write JSON."),
    ]
  ) { arguments in
    var messages: [String] = []
    let clients = AttackSheet.clients(arguments, &messages)
    let seed = AttackSheet.seed(arguments, &messages)
    let text = arguments.string("dimension") ?? ""
    let dimension = Int(text) ?? 0
    if !(2...1024).contains(dimension) {
      messages.append("--dimension \(text) must be in 2...1024")
    }
    guard messages.isEmpty, let clients, let seed else { throw UserError(messages) }
    let setting = ProtocolAttackSetting(clients: clients, dimension: dimension, seed: seed)
    let name = arguments.positional("NAME") ?? "all"
    let chosen = verificationAttackCatalogue.filter { name == "all" || $0.card.name == name }
    return AttackSheet(
      seed: seed, isDetailed: name != "all",
      findings: try chosen.flatMap { try $0.init().run(setting) }
    ).write(asJSON: arguments.flag("json"))
  }
}
