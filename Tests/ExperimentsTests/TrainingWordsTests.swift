import Components
import Experiments
import Federation
import Foundation
import Learning
import TestSupport
import Testing

@Suite("The training options of an experiment")
struct TrainingWordsTests {
  private func options(_ text: String) throws -> TrainingOptions {
    let experiment = try Experiment.parse("training: \(text)", file: "e.yaml")
    return try #require(experiment.trainings.first)
  }

  @Test("name an optimiser, a schedule, a clipping norm and label smoothing")
  func words() throws {
    #expect(
      try options("{optimizer: adam, learning-rate: 0.001}")
        == TrainingOptions(learningRate: 0.001, optimizer: .adam()))
    #expect(
      try options("{optimizer: {adamw: {beta2: 0.99}}, weight-decay: 0.01}")
        == TrainingOptions(optimizer: .adamW(.init(beta2: 0.99)), weightDecay: 0.01))
    #expect(
      try options("{nesterov: true, momentum: 0.9, clipping-norm: 1}")
        == TrainingOptions(momentum: 0.9, nesterov: true, clippingNorm: 1))
    #expect(
      try options("{schedule: cosine, warm-up: 5, label-smoothing: 0.1}")
        == TrainingOptions(schedule: .cosine(), warmUp: 5, labelSmoothing: 0.1))
    #expect(
      try options("{schedule: {step: {every: 10, factor: 0.5}}}")
        == TrainingOptions(schedule: .step(.init(every: 10, factor: 0.5))))
    #expect(
      try options("{schedule: {cosine: {length: 50, minimum: 0.001}}}")
        == TrainingOptions(schedule: .cosine(.init(length: 50, minimum: 0.001))))
    #expect(try options("{optimizer: sgd, schedule: constant}") == TrainingOptions())
  }

  @Test("that are written out are the same as left out; results keep the names they had")
  func identity() throws {
    func entry(_ text: String) throws -> AxisEntry {
      let experiment = try Experiment.parse("training: \(text)", file: "e.yaml")
      return try #require(experiment.entries(.training).first)
    }
    let plain = try entry("{}")
    #expect(
      plain.identity.canonicalJSON == """
        {"batch-size":10,"epochs":1,"evaluate-every":5,"learning-rate":0.1,"momentum":0,\
        "rounds":100,"weight-decay":0}
        """)
    for text in [
      "{optimizer: sgd, nesterov: false, schedule: constant, warm-up: 0, label-smoothing: 0}",
      "{optimizer: {sgd: {}}, schedule: {constant: {}}}",
    ] {
      #expect(try entry(text).identity == plain.identity)
      #expect(try entry(text).label == "default")
    }
    #expect(try entry("{optimizer: adam}").label == "optimizer=adam")
    #expect(
      try entry("{optimizer: {adam: {beta1: 0.9, epsilon: 1e-8}}}").identity
        == entry("{optimizer: adam}").identity)
    let different = [
      "{}", "{optimizer: adam}", "{optimizer: adamw}", "{optimizer: {adam: {beta1: 0.8}}}",
      "{momentum: 0.9}", "{momentum: 0.9, nesterov: true}", "{clipping-norm: 1}",
      "{clipping-norm: 2}", "{schedule: step}", "{schedule: cosine}",
      "{schedule: {cosine: {length: 100}}}", "{warm-up: 3}", "{label-smoothing: 0.1}",
    ]
    #expect(Set(try different.map { try entry($0).identity.canonicalJSON }).count == 13)
  }

  @Test(
    "survive being written and read",
    arguments: [
      TrainingOptions(),
      TrainingOptions(optimizer: .adam(.init(beta1: 0.5)), clippingNorm: 3, warmUp: 2),
      TrainingOptions(schedule: .step(), labelSmoothing: 0.2),
      TrainingOptions(
        optimizer: .adamW(), weightDecay: 0.1, schedule: .cosine(.init(length: 7, minimum: 0.01))),
    ])
  func coding(_ options: TrainingOptions) throws {
    let data = try JSONEncoder().encode(options)
    #expect(try JSONDecoder().decode(TrainingOptions.self, from: data) == options)
  }

  @Test("count schedule and warm-up in rounds")
  func rounds() {
    let options = TrainingOptions(
      rounds: 6, epochs: 3, learningRate: 0.8, schedule: .step(.init(every: 2, factor: 0.5)),
      warmUp: 1)
    #expect((0..<6).map { options.learningRate(round: $0) } == [0.4, 0.8, 0.8, 0.4, 0.4, 0.2])
    #expect(options.optimizerOptions(round: 5).learningRate == 0.2)
  }

  @Test(
    "that cannot be are refused with their place and what would work",
    arguments: [
      (
        "{optimizer: adm}",
        ["1:23: training: unknown optimizer 'adm'; did you mean 'adam'? (known: adam, adamw, sgd)"]
      ),
      (
        "{optimizer: 3}",
        [
          "1:23: training: optimizer: expected a name such as 'sgd' or a name with parameters such "
            + "as 'adamw: {…}', got 3"
        ]
      ),
      (
        "{optimizer: {adam: {beta1: 1, beta2: .nan, epsilon: 0}}}",
        [
          "1:38: training: optimizer 'adam': beta1: must be in [0, 1), got 1.0",
          "1:48: training: optimizer 'adam': beta2: must be in [0, 1), got nan",
          "1:63: training: optimizer 'adam': epsilon: must be a finite number greater than 0, "
            + "got 0.0",
        ]
      ),
      (
        "{optimizer: {adam: {beta: 0.9}}, rounds: ten}",
        [
          "1:31: training: unknown parameter of optimizer 'adam' 'beta'; did you mean 'beta1'? "
            + "(known: beta1, beta2, epsilon)",
          "1:52: training: rounds: expected a whole number, got the text 'ten'",
        ]
      ),
      (
        "{optimizer: {sgd: {momentum: 0.9}}}",
        ["1:30: training: optimizer 'sgd' has no parameters, so 'momentum' cannot be set"]
      ),
      (
        "{optimizer: adam, momentum: 0.9}",
        ["1:39: training: momentum: is for optimizer sgd, not adam, got 0.9"]
      ),
      (
        "{nesterov: true}",
        ["1:11: training: momentum: must be greater than 0 with nesterov, got 0.0"]
      ),
      (
        "{momentum: 0.9, nesterov: 1}",
        ["1:37: training: nesterov: expected true or false, got 1"]
      ),
      (
        "{clipping-norm: 0}",
        ["1:27: training: clipping-norm: must be a finite number greater than 0, got 0.0"]
      ),
      (
        "{clipping-norm: .nan}",
        ["1:27: training: clipping-norm: must be a finite number greater than 0, got nan"]
      ),
      (
        "{schedule: cosin}",
        [
          "1:22: training: unknown schedule 'cosin'; did you mean 'cosine'? "
            + "(known: constant, cosine, step)"
        ]
      ),
      (
        "{schedule: {step: {every: 0, factor: -1}}}",
        [
          "1:37: training: schedule 'step': every: must be 1 or more, got 0",
          "1:48: training: schedule 'step': factor: must be a finite number greater than 0, "
            + "got -1.0",
        ]
      ),
      (
        "{schedule: {cosine: {length: 0}}}",
        ["1:40: training: schedule 'cosine': length: must be 1 or more, got 0"]
      ),
      (
        "{learning-rate: 0.01, schedule: {cosine: {minimum: 0.05}}}",
        ["1:27: training: learning-rate: must be at least the cosine's minimum of 0.05, got 0.01"]
      ),
      (
        "{rounds: 5, warm-up: 5}",
        ["1:20: training: rounds: must be more than the warm-up of 5, got 5"]
      ),
      ("{warm-up: -1}", ["1:21: training: warm-up: must be 0 or more, got -1"]),
      ("{label-smoothing: 1}", ["1:29: training: label-smoothing: must be in [0, 1), got 1.0"]),
    ])
  func mistakes(_ text: String, _ lines: [String]) throws {
    #expect(try problems("training: \(text)") == lines.map { "e.yaml:\($0)" })
  }

  @Test("meet in one place although each is fine alone, or not")
  func together() throws {
    #expect(
      try options("{learning-rate: 1, schedule: {cosine: {minimum: 0.5}}}").learningRate == 1)
    #expect(try options("{rounds: 300, warm-up: 150}").warmUp == 150)
  }

  @Test("that fedsgd cannot use are refused, not ignored")
  func fedSGD() throws {
    #expect(
      try problems("training: {optimizer: adam}\nalgorithm: fedsgd") == [
        "e.yaml:1:23: training: optimizer: must be sgd, as fedsgd sends the gradient itself, "
          + "got adam"
      ])
    #expect(
      try problems("training: [{}, {nesterov: true, momentum: 0.9}]\nalgorithm: fedsgd") == [
        "e.yaml:1:27: training: nesterov: must be false, as fedsgd takes a single step, got true"
      ])
    #expect(
      try problems("training: {clipping-norm: 1, schedule: cosine}\nalgorithm: fedsgd").isEmpty)
  }
}
