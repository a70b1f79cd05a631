// Three hospitals fit one logistic regression without showing anybody their patients' gradients.
//
// Each encrypts its gradient under the key of a fourth party; a fifth adds the ciphertexts; the key's
// owner decrypts the sum and nothing else. The result is compared with the same descent in the open.
import Foundation
import Rampart

let (hospitalCount, rounds, rate) = (3, 200, 0.25)
var generator = Generator(seed: 1)
let data = try BreastCancer().load(using: &generator)
let (train, test) = (Table(data.train), Table(data.test))

let keyHolder = KeyHolder(keys: try PaillierKeyPair(bits: 3072))
let agreement = try Agreement(hospitals: hospitalCount, key: keyHolder.keys.publicKey)
let hospitals = (0..<hospitalCount).map {
  Hospital(table: train.part($0, of: hospitalCount), agreement: agreement)
}
let aggregator = Aggregator()

var weights = [Double](repeating: 0, count: 31)
var open = weights
var sent = 0
let began = ContinuousClock.now
for _ in 0..<rounds {
  let messages = try hospitals.map { try $0.message(weights, rowsOfAll: train.rows.count) }
  sent += messages.reduce(0) { $0 + $1.ciphertexts.reduce(0) { $0 + $1.bytes.count } }
  let mean = try keyHolder.open(aggregator.add(messages))
  for index in weights.indices { weights[index] -= rate * mean[index] }
}
let elapsed = ContinuousClock.now - began
for _ in 0..<rounds {
  let sum = gradient(train, open)
  for index in open.indices { open[index] -= rate * sum[index] / Double(train.rows.count) }
}

// The loss is convex, and smooth to a quarter of the mean squared length of a row: a descent with a
// rate of at most 2 over that brings two starts no further apart. So errors of a round add up, and each
// is at most the rate times half a step for every hospital and coordinate.
let smoothness =
  train.rows.reduce(0) { $0 + $1.reduce(0) { $0 + $1 * $1 } } / Double(4 * train.rows.count)
let bound =
  Double(rounds) * rate * Double(hospitalCount) * Agreement.step / 2 * 31.0.squareRoot()
let distance = zip(weights, open).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()

func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }
print("rows of the hospitals: \(hospitals.map(\.table.rows.count))")
print("test accuracy, encrypted: \(percent(accuracy(test, weights)))")
print("test accuracy, in the open: \(percent(accuracy(test, open)))")
print(String(format: "distance of the two models: %.1e; rounding explains %.1e", distance, bound))
print("a hospital sends \(sent / rounds / hospitalCount) bytes a round, encrypted under 3072 bits")
print(String(format: "%d rounds in %.1f s", rounds, elapsed / .seconds(1)))
guard rate <= 2 / smoothness, distance <= bound, distance > 0 else {
  print("which is not what rounding explains")
  exit(1)
}
