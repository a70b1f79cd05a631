internal import Experiments
internal import Federation

/// What a transport that is a protocol cost in the runs of one block, a round of training on average.
struct TransportCosts {
  /// The block's setting, or the transport where there is only one.
  let title: String
  /// Rounds of training in which it ran, of all runs.
  private let rounds: Int
  /// Uploads in them.
  private let uploads: Int
  /// Sums over all runs.
  private let costs: [RoundCost]

  /// Nil where no run kept books.
  init?(_ block: MatrixBlock, transport: String) {
    let ledgers = block.cells.flatMap { $0.cell.rows.compactMap { $0.metrics?.transport } }
    guard !ledgers.isEmpty else { return nil }
    title = block.setting.isEmpty ? transport : block.title
    let entries = ledgers.flatMap(\.entries).filter { $0.role == .client }
    rounds = entries.count
    uploads = entries.reduce(0) { $0 + $1.clients }
    costs = ledgers.reduce(into: []) { $0.add($1.rounds) }
    guard rounds > 0, uploads > 0 else { return nil }
  }

  /// One side's share: of one client, or of the server.
  struct Figure {
    var messages: Double
    var bytes: Double
    var cpuSeconds: Double
  }

  private func figure(_ role: RoundCost.Role, _ costs: [RoundCost]) -> Figure {
    let own = costs.filter { $0.role == role }
    let count = Double(role == .client ? uploads : rounds)
    return Figure(
      messages: Double(own.reduce(0) { $0 + $1.messages }) / count,
      bytes: Double(own.reduce(0) { $0 + $1.bytes }) / count,
      cpuSeconds: own.reduce(0) { $0 + $1.cpuSeconds } / count)
  }

  /// By round of the protocol, in their order.
  var steps: [(name: String, client: Figure, server: Figure)] {
    var names: [String] = []
    for cost in costs where !names.contains(cost.round) { names.append(cost.round) }
    return names.map { name in
      let own = costs.filter { $0.round == name }
      return (name, figure(.client, own), figure(.server, own))
    }
  }

  /// One side over all rounds of the protocol.
  func total(_ role: RoundCost.Role) -> Figure { figure(role, costs) }

  /// All of it in a sentence.
  var sentence: String {
    let (client, server) = (total(.client), total(.server))
    return "a client sends \(Self.count(client.messages)) in \(Self.bytes(client.bytes)) and takes "
      + "\(Self.time(client.cpuSeconds)) of processor time, the server sends "
      + "\(Self.count(server.messages)) in \(Self.bytes(server.bytes)) and takes "
      + "\(Self.time(server.cpuSeconds))"
  }

  static func count(_ messages: Double) -> String {
    let whole = messages.rounded() == messages
    let text = Numbers.fixed(messages, digits: whole ? 0 : 1)
    return text == "1" ? "1 message" : "\(text) messages"
  }

  static func bytes(_ bytes: Double) -> String { Numbers.bytes(Int(bytes.rounded())) }

  static func time(_ seconds: Double) -> String {
    seconds < 1 ? "\(Numbers.fixed(seconds * 1000, digits: 1)) ms" : Numbers.duration(seconds)
  }
}

extension Report {
  /// What transports cost, for blocks in which one kept books.
  var transportCosts: [TransportCosts] {
    let transport = common.first { $0.axis == .transport }?.label ?? ""
    return blocks.compactMap { TransportCosts($0, transport: transport) }
  }
}
