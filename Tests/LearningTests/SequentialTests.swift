import Components
import Learning
import TestSupport
import Testing

@Suite("Models written as a list of layers")
struct SequentialTests {
  private func node(_ value: ConfigurationNode.Value) -> ConfigurationNode {
    ConfigurationNode(value, at: SourcePosition(file: "x.yaml", line: 3, column: 5))
  }

  private func layer(_ name: String, _ settings: ConfigurationNode.Value) -> ConfigurationNode {
    node(.map([.init(key: name, node: node(settings))]))
  }

  private func map(_ entries: [(String, ConfigurationNode.Value)]) -> ConfigurationNode.Value {
    .map(entries.map { .init(key: $0.0, node: node($0.1)) })
  }

  @Test("every layer tells how it is written, defaults included")
  func usages() {
    let usages = LayerReader.usages
    #expect(usages.count == LayerReader.names.count)
    for (name, usage) in zip(LayerReader.names, usages) { #expect(usage.hasPrefix(name)) }
    for usage in [
      "relu", "conv: {outputs, kernel, stride: 1, padding: 0, groups: 1, bias: true}",
      "max-pool: {kernel, stride: the kernel, padding: 0}, or max-pool: KERNEL",
      "leaky-relu: SLOPE (0.01)", "residual: {body, shortcut: []}",
    ] {
      #expect(usages.contains(usage))
    }
  }

  @Test("a bare name, a main number and settings all read as the layers they mean")
  func reads() throws {
    let list = node(
      .list([
        layer("conv", map([("outputs", .integer(4)), ("kernel", .integer(3))])),
        node(.text("relu")), layer("group-norm", .integer(2)),
        layer("leaky-relu", .number(0.2)),
        layer("max-pool", .integer(2)),
        layer("average-pool", map([("kernel", .list([node(.integer(2)), node(.integer(1))]))])),
        layer(
          "residual",
          map([
            (
              "body",
              .list([layer("conv", map([("outputs", .integer(4)), ("kernel", .integer(1))]))])
            )
          ])),
        node(.text("global-average-pool")), layer("dropout", .number(0.1)),
        layer("dense", .text("classes")),
      ]))
    #expect(
      try LayerReader(classes: 7).layers(list) == [
        .convolution(Convolution(outputs: 4, kernel: 3)), .relu, .groupNorm(groups: 2),
        .activation(.leakyReLU(slope: 0.2)), .maxPool(Window(2)),
        .averagePool(Window(Extent(height: 2, width: 1))),
        .residual(body: [.convolution(Convolution(outputs: 4, kernel: 1))]),
        .globalAveragePool, .dropout(0.1), .dense(outputs: 7),
      ])
    let model = try Sequential(.init(layers: list))
    #expect(try model.network(inputShape: [1, 8, 8], classes: 7).classes == 7)
  }

  @Test("everything wrong is said at once, each at its place")
  func refuses() throws {
    let list = node(
      .list([
        node(.text("rleu")),
        layer("conv", map([("outputs", .integer(4)), ("kernal", .integer(3))])),
        layer("dense", .number(1.5)), layer("relu", .integer(3)), node(.integer(3)),
      ]))
    let error = #expect(throws: ConfigurationError.self) {
      try LayerReader(classes: 2).layers(list)
    }
    let messages = error?.issues.map(\.message) ?? []
    #expect(messages.count == 6)
    #expect(messages.contains { $0.hasPrefix("unknown layer 'rleu'; did you mean 'relu'?") })
    #expect(messages.contains("layer conv needs 'kernel'"))
    #expect(messages.contains { $0.contains("'kernal'; did you mean 'kernel'?") })
    #expect(messages.contains("layer dense: outputs: expected a whole number, got 1.5"))
    #expect(messages.contains("layer relu has no settings, got 3"))
    #expect(error?.issues.allSatisfy { $0.position?.line == 3 } == true)
  }

  @Test("the last layer must have an output for each class")
  func needsClasses() throws {
    let model = try Sequential(.init(layers: node(.list([layer("dense", .integer(3))]))))
    #expect(throws: LearningError.self) { try model.network(inputShape: [4], classes: 2) }
    #expect(try model.network(inputShape: [4], classes: 3).parameterCount == 15)
  }
}
