internal import CommandLineTools
internal import FileFormats
internal import SecureAggregation

extension CommandSpec {
  /// `rampart secagg parameters`.
  static let secaggParameters = CommandSpec(
    "parameters",
    abstract: "Find degree, threshold, modulus and bytes of a secure aggregation.",
    discussion: """
        rampart secagg parameters --clients 1000 --corrupt 0.1 --dropout 0.1 --adversary curious
        rampart secagg parameters --clients 100 --corrupt 0.1 --dropout 0.3 --adversary active \
      --protocol secagg --dimension 1000000 --bits 16

      Up to the fraction --corrupt of the clients may collude with the server, and up to the \
      fraction --dropout may drop out. A curious server follows the protocol; an active one may also \
      tell different clients different lists of who dropped out. secagg-plus links each client to \
      the least number of neighbours, on a ring in random order, with which privacy fails with \
      probability below 2^-40 (--security-bits) and the sum is lost with probability below 2^-20 \
      (--failure). secagg links everybody with everybody; it is usual up to 100 clients.

      A coordinate has --bits bits and is multiplied by a weight of up to --max-weight; the modulus \
      is the least power of two that no sum reaches. Bytes are what one client sends and receives, \
      without framing; with --dimension the masked vector counts, one element more than that, for \
      the weight.

      Exit status: 0 done, 2 the command line is wrong or nothing keeps such a policy.
      """,
    parameters: [
      .option("clients", "N", "Clients that take part.", required: true),
      .option("corrupt", "F", "The fraction that colludes with the server: 0.1.", required: true),
      .option("dropout", "F", "The fraction that drops out: 0.1.", required: true),
      .option(
        "adversary", "WHO", "What the server may do.",
        kind: .oneOf("adversary", SecureAggregationPolicy.Adversary.allCases.map(\.rawValue)),
        default: "curious"),
      .option("security-bits", "S", "Privacy fails below 2^-S.", default: "40"),
      .option("failure", "E", "The sum is lost below 2^-E.", default: "20"),
      .option(
        "protocol", "NAME", "Which graph.",
        kind: .oneOf("protocol", ["secagg", "secagg-plus"]), default: "secagg-plus"),
      .option("dimension", "D", "Coordinates of a vector."),
      .option("bits", "B", "Bits of a coordinate.", default: "16"),
      .option("max-weight", "W", "The largest weight of a client.", default: "1"),
      .flag("json", "Write JSON."),
    ]
  ) { arguments in
    let answer = try SecAggPolicyReader(
      arguments, adversary: arguments.string("adversary") == "active" ? .active : .curious
    ).answer()
    if arguments.flag("json") {
      Terminal.output.writeLine(JSON.text(of: answer.node))
    } else {
      for line in answer.lines { Terminal.output.writeLine(line) }
    }
    return .done
  }
}

/// The options that say what a secure aggregation must withstand, all mistakes at once.
struct SecAggPolicyReader {
  private let arguments: ParsedArguments
  private let adversary: SecureAggregationPolicy.Adversary
  private var messages: [String] = []
  private var clients = 0
  private var corrupt = 0.0
  private var dropout = 0.0
  private var securityBits = 0
  private var failureBits = 0
  private var bits = 0
  private var maxWeight = 0
  private var dimension: Int?

  init(
    _ arguments: ParsedArguments, adversary: SecureAggregationPolicy.Adversary
  ) throws(UserError) {
    self.arguments = arguments
    self.adversary = adversary
    clients = whole("clients", example: "1000")
    corrupt = fraction("corrupt")
    dropout = fraction("dropout")
    securityBits = exponent("security-bits")
    failureBits = exponent("failure")
    bits = whole("bits", example: "16")
    maxWeight = whole("max-weight", example: "1")
    if arguments.isGiven("dimension") { dimension = whole("dimension", example: "1000000") }
    if let dimension, !(1...(1 << 40)).contains(dimension), messages.isEmpty {
      messages.append("--dimension \(dimension) must be in 1...2^40")
    }
    guard messages.isEmpty else { throw UserError(messages) }
  }

  /// What was asked for.
  func answer() throws(UserError) -> SecAggParametersAnswer {
    let found: AggregationParameters
    let fullGraph: AggregationParameters?
    do throws(ParameterError) {
      let policy = try SecureAggregationPolicy(
        clients: clients, corrupt: corrupt, dropout: dropout,
        adversary: adversary, securityBits: securityBits, failureBits: failureBits)
      let isFull = arguments.string("protocol") != "secagg-plus"
      found = isFull ? try policy.fullGraphParameters() : try policy.regularParameters()
      fullGraph = try? policy.fullGraphParameters()
    } catch {
      throw UserError("\(error)" + Self.hint(error))
    }
    do throws(EncodingError) {
      return SecAggParametersAnswer(
        parameters: found, fullGraph: fullGraph,
        ring: try MaskRing(clients: clients, bits: bits, maxWeight: maxWeight), bits: bits,
        maxWeight: maxWeight, dimension: dimension)
    } catch {
      throw UserError("\(error)")
    }
  }

  /// The option that helps where the message does not name one.
  private static func hint(_ error: ParameterError) -> String {
    if case .noDegree(_, fullGraphThreshold: .some) = error { return ": --protocol secagg" }
    return ""
  }

  private mutating func whole(_ name: String, example: String) -> Int {
    let text = arguments.string(name) ?? ""
    if let number = Int(text) { return number }
    if let real = Double(text), let number = Int(exactly: real) { return number }
    messages.append("--\(name): '\(text)' is not a whole number; write for example \(example)")
    return 0
  }

  private mutating func fraction(_ name: String) -> Double {
    let text = arguments.string(name) ?? ""
    if let number = Double(text), number >= 0, number < 1 { return number }
    let percent = Double(text.hasSuffix("%") ? String(text.dropLast()) : text)
    var message = "--\(name): '\(text)' is not a fraction from 0 to below 1"
    if let percent,
      (1..<100).contains(percent) || (text.hasSuffix("%") && (0..<1).contains(percent))
    {
      message += "; for \(Words.plain(percent))% write \(Words.nearest(percent / 100))"
    }
    messages.append(message)
    return 0
  }

  /// A probability 2^-E, written `20` or `2^-20`.
  private mutating func exponent(_ name: String) -> Int {
    let text = arguments.string(name) ?? ""
    if let bits = Int(text.hasPrefix("2^-") ? String(text.dropFirst(3)) : text) { return bits }
    var message =
      "--\(name): '\(text)' is not a whole number of bits; 20 means a probability of 2^-20"
    if let probability = Double(text), probability > 0, probability < 1 {
      var bits = 1
      var bound = 0.5
      while bound > probability, bits < 1000 { (bits, bound) = (bits + 1, bound / 2) }
      message += "; for \(text) write \(bits)"
    }
    messages.append(message)
    return 0
  }
}
