// A federated loop of our own - plain Swift arrays, no framework - that borrows its defenses.
//
// Twelve clients fit a line; three of them send their update reversed and three times as long.
import Rampart

/// One client's data: points near y = 2x - 1.
struct Client {
  var x: [Float]
  var y: [Float]

  init(using generator: inout Generator) {
    x = (0..<30).map { _ in Float(2 * generator.uniform() - 1) }
    y = x.map { 2 * $0 - 1 + 0.1 * Float(generator.normal()) }
  }

  /// Ten steps of gradient descent from `model`; what the client sends is how far it got.
  func update(from model: [Float]) -> [Float] {
    var w = model
    for _ in 0..<10 {
      var gradient: [Float] = [0, 0]
      for (x, y) in zip(x, y) {
        let error = w[0] * x + w[1] - y
        gradient[0] += error * x / Float(self.x.count)
        gradient[1] += error / Float(self.x.count)
      }
      w[0] -= 0.5 * gradient[0]
      w[1] -= 0.5 * gradient[1]
    }
    return [w[0] - model[0], w[1] - model[1]]
  }
}

/// Trains for twenty rounds behind a chain of defenses and returns the distance to the true line.
func train(_ defense: [any RoundComponent]) throws -> Float {
  var generator = Generator(seed: 1)
  let clients = (0..<12).map { _ in Client(using: &generator) }
  var server = try RobustAggregation(defense, assumedFaults: 3, seed: 1)
  var model: [Float] = [0, 0]
  for _ in 0..<20 {
    var updates = clients.map { $0.update(from: model) }
    for bad in [1, 6, 8] { updates[bad] = updates[bad].map { -3 * $0 } }
    let round = try server.aggregate(updates, globalModel: model)
    guard let step = round.vector else { continue }  // the rule rejected everybody
    for i in model.indices { model[i] += step[i] }
  }
  return ((model[0] - 2) * (model[0] - 2) + (model[1] + 1) * (model[1] + 1)).squareRoot()
}

func line(_ name: String, _ defense: [any RoundComponent]) throws {
  let distance = try train(defense)
  let padding = String(repeating: " ", count: 24 - name.count)
  print("\(name)\(padding) distance to the true line \((distance * 1000).rounded() / 1000)")
}

try line("mean", [Mean()])
try line("trimmed-mean", [TrimmedMean(f: 3)])
try line("nnm + krum", [NNM(f: 3), Krum(f: 3)])
try line("our own norm-bounded", [NormBounded()])
