import Algorithms
import Components
import Federation
import Tensors
import Testing

@Suite("FedProx")
struct FedProxTests {
  @Test(
    "descends a parabola with the proximal term: the closed form", arguments: [0, 0.01, 0.5, 4])
  func closedForm(_ mu: Double) throws {
    let federation = QuadraticFederation(algorithm: [FedAvg(), try FedProx(mu: mu)])
    var w = try federation.start()
    for _ in 0..<3 {
      // E steps of gradient descent on a/2 (w - c)² + μ/2 (w - w⁰)², written out as the geometric
      // approach to its minimum.
      let ends = federation.parabolas.map { a, c in
        let minimum = (a * c + mu * w) / (a + mu)
        var distance = w - minimum
        for _ in 0..<5 { distance *= 1 - 0.1 * (a + mu) }
        return minimum + distance
      }
      w = ends.reduce(0, +) / 3
    }
    let got = Double(try federation.scenario().run().model[0])
    #expect(abs(got - w) < 1e-6)
  }

  @Test("holds clients back: the stronger, the closer they stay to what they received")
  func monotone() throws {
    let steps = try [0, 0.1, 1, 5].map { mu in
      let last = LastRound()
      var federation = QuadraticFederation(algorithm: [FedAvg(), try FedProx(mu: mu)])
      federation.training.rounds = 1
      _ = try federation.scenario(reader: last).run()
      return last.updates.map { abs(Double($0[0])) }.reduce(0, +)
    }
    #expect(steps == steps.sorted(by: >) && Set(steps).count == 4)
  }

  @Test("without strength it is FedAvg, bit for bit where no rounding differs")
  func absent() throws {
    let plain = try QuadraticFederation(algorithm: [FedAvg()]).scenario().run().model
    let null = try QuadraticFederation(algorithm: [FedAvg(), try FedProx(mu: 0)]).scenario().run()
    #expect(abs(plain[0] - null.model[0]) < 1e-6)
  }

  @Test("a strength out of range is refused by name", arguments: [-1, .nan, .infinity])
  func refused(_ mu: Double) {
    let error = #expect(throws: ParameterError.self) { try FedProx(mu: mu) }
    #expect(error?.problems.map(\.key) == ["mu"])
  }
}
