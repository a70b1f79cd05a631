import Algorithms
import Components
import Federation
import Tensors
import Testing

@Suite("Server steps")
struct ServerStepTests {
  /// Descends f(w) = ½ Σ a_j w_j² with exact gradients as aggregates: aggregate = -0.1 a_j w_j.
  private func descend(
    _ optimizer: any ServerOptimizer, steps: Int
  ) throws -> [[Float]] {
    let curvature: [Float] = [1, 4]
    var model = Vector([3, -2])
    var memory = Memory()
    var path: [[Float]] = []
    for _ in 0..<steps {
      let aggregate = Vector(zip(curvature, model.array).map { -0.1 * $0 * $1 })
      try optimizer.step(&model, along: aggregate, memory: &memory)
      path.append(model.array)
    }
    return path
  }

  @Test(
    "momentum follows its recurrence, written out", arguments: [(1.0, 0.9), (0.5, 0.3), (2, 0)])
  func momentum(_ rate: Double, _ beta: Double) throws {
    let path = try descend(try ServerMomentum(learningRate: rate, momentum: beta), steps: 40)
    var w = [3.0, -2.0]
    var v = [0.0, 0.0]
    for got in path {
      for (j, a) in [1.0, 4.0].enumerated() {
        v[j] = beta * v[j] - 0.1 * a * w[j]
        w[j] += rate * v[j]
        #expect(abs(Double(got[j]) - w[j]) < 1e-5)
      }
    }
    #expect(abs(w[0]) < 1)
  }

  @Test("two steps by hand: 1, then 0.9 + 1 more")
  func byHand() throws {
    let optimizer = try ServerMomentum(learningRate: 1, momentum: 0.9)
    var model = Vector([0])
    var memory = Memory()
    optimizer.step(&model, along: Vector([1]), memory: &memory)
    #expect(model.array == [1])
    optimizer.step(&model, along: Vector([1]), memory: &memory)
    #expect(abs(model[0] - 2.9) < 1e-6)
  }

  @Test("without momentum is server SGD, and that adds the aggregate times its rate")
  func plain() throws {
    for rate in [0.25, 1, 2] {
      let path = try descend(try ServerSGD(learningRate: rate), steps: 3)
      #expect(path == (try descend(try ServerMomentum(learningRate: rate, momentum: 0), steps: 3)))
      #expect(abs(path[0][0] - Float(3 - rate * 0.3)) < 1e-6)
    }
    #expect(try descend(ServerSGD(learningRate: 1), steps: 9) == descend(AddAggregate(), steps: 9))
  }

  @Test("Adam, Yogi and Adagrad follow their recurrences, written out")
  func adaptive() throws {
    let (rate, beta1, beta2, tau) = (0.3, 0.8, 0.95, 0.01)
    let parameters = AdaptiveServerParameters(
      learningRate: rate, beta1: beta1, beta2: beta2, adaptivity: tau)
    var adagrad = ServerAdagrad.Parameters()
    adagrad.learningRate = rate
    adagrad.adaptivity = tau
    let rules: [(any ServerOptimizer, Double, (Double, Double) -> Double)] = [
      (try ServerAdam(parameters), beta1, { v, s in beta2 * v + (1 - beta2) * s }),
      (
        try ServerYogi(parameters), beta1,
        { v, s in v - (1 - beta2) * s * (v > s ? 1 : v < s ? -1 : 0) }
      ),
      (try ServerAdagrad(adagrad), 0, { v, s in v + s }),
    ]
    for (optimizer, beta1, second) in rules {
      let path = try descend(optimizer, steps: 25)
      var w = [3.0, -2.0]
      var m = [0.0, 0.0]
      var v = [tau * tau, tau * tau]
      for got in path {
        for (j, a) in [1.0, 4.0].enumerated() {
          let delta = -0.1 * a * w[j]
          m[j] = beta1 * m[j] + (1 - beta1) * delta
          v[j] = second(v[j], delta * delta)
          w[j] += rate * m[j] / (v[j].squareRoot() + tau)
          #expect(abs(Double(got[j]) - w[j]) < 1e-4, "\(optimizer)")
        }
      }
      #expect(abs(w[0]) < 3)
    }
  }

  @Test("adaptive parameters out of range are refused, all at once")
  func adaptiveRefused() throws {
    let wrong = AdaptiveServerParameters(learningRate: 0, beta1: 1, beta2: -1, adaptivity: 0)
    for make in [{ _ = try ServerAdam(wrong) }, { _ = try ServerYogi(wrong) }] {
      let error = #expect(throws: ParameterError.self) { try make() }
      #expect(
        error?.problems.map(\.key) == ["learning-rate", "beta1", "beta2", "adaptivity"])
    }
  }

  @Test("parameters out of range are refused, all at once", arguments: [-1, 0, .nan, .infinity])
  func refused(_ rate: Double) throws {
    #expect(throws: ParameterError.self) { try ServerSGD(learningRate: rate) }
    let error = #expect(throws: ParameterError.self) {
      try ServerMomentum(learningRate: rate, momentum: 1)
    }
    #expect(error?.problems.map(\.key) == ["learning-rate", "momentum"])
  }
}
