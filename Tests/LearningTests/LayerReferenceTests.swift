import Learning
import Randomness
import Tensors
import TestSupport
import Testing

/// Every layer and loss against PyTorch: loss, gradients, second-order products, per-example norms.
@Suite("Layers against PyTorch")
struct LayerReferenceTests {
  @Test("every reference has a network, and every network a reference")
  func complete() {
    #expect(Set(LayerReferenceCase.all.map(\.name)) == Set(LayerReferenceNetworks.all.keys))
    #expect(LayerReferenceCase.all.count == LayerReferenceNetworks.all.count)
  }

  @Test("parameters have PyTorch's names, order and shapes", arguments: LayerReferenceCase.all)
  func layout(_ reference: LayerReferenceCase) throws {
    let segments = try reference.network().layout.segments
    #expect(segments.map(\.name) == reference.parameters.map(\.name))
    #expect(segments.map(\.shape) == reference.parameters.map(\.shape))
  }

  @Test("all derivatives agree to 1e-10 in double precision", arguments: LayerReferenceCase.all)
  func double(_ reference: LayerReferenceCase) throws {
    let network = try reference.network()
    let workspace = Workspace(for: network, batchSize: reference.rows)
    let parameters = reference.flatParameters
    let batch = reference.batch(Double.self)
    var gradient = [Double](repeating: .nan, count: network.parameterCount)
    var inputs = [Double](repeating: .nan, count: batch.inputs.count)
    let inputLoss = try network.inputGradient(
      parameters: parameters, batch: batch, mode: reference.mode,
      workspace: Workspace(for: network, batchSize: 1), into: &inputs)
    let loss = try network.differentiate(
      parameters: parameters, batch: batch, mode: reference.mode, workspace: workspace,
      gradient: &gradient)
    var products = LossProducts<Double>(
      for: network, rows: reference.rows, parameters: true, inputs: true,
      targets: reference.targets != nil)
    try network.products(
      along: reference.flatDirection, parameters: parameters, workspace: workspace, into: &products
    )
    #expect(inputLoss == loss)
    reference.expect(
      loss: loss, gradient: gradient, inputs: inputs, products: products, tolerance: 1e-10)
    guard reference.squaredNorms != nil else { return }
    let norms = try network.perExampleNorms(
      parameters: parameters, examples: reference.examples(for: network),
      batch: Array(0..<reference.rows), workspace: workspace)
    reference.expect(norms: norms, tolerance: 1e-10)
  }

  @Test("all derivatives agree to 1e-5 in single precision", arguments: LayerReferenceCase.all)
  func single(_ reference: LayerReferenceCase) throws {
    let network = try reference.network()
    // A workspace larger than the batch, and one that grows, give the same.
    for rows in [1, reference.rows + 3] {
      let workspace = Workspace(for: network, batchSize: rows)
      let parameters = Vector(reference.flatParameters.map { Float($0) })
      let batch = reference.batch(Float.self)
      var gradient = Vector([Float](repeating: .nan, count: network.parameterCount))
      var inputs = [Float](repeating: .nan, count: batch.inputs.count)
      try network.inputGradient(
        parameters: parameters, batch: batch, mode: reference.mode, workspace: workspace,
        into: &inputs)
      let loss = try network.differentiate(
        parameters: parameters, batch: batch, mode: reference.mode, workspace: workspace,
        gradient: &gradient)
      var products = LossProducts<Float>(
        for: network, rows: reference.rows, parameters: true, inputs: true,
        targets: reference.targets != nil)
      try network.products(
        along: Vector(reference.flatDirection.map { Float($0) }), parameters: parameters,
        workspace: workspace, into: &products)
      reference.expect(
        loss: loss, gradient: gradient.array, inputs: inputs, products: products, tolerance: 1e-5)
      if reference.squaredNorms != nil {
        let norms = try network.perExampleNorms(
          parameters: parameters, examples: reference.examples(for: network),
          batch: Array(0..<reference.rows), workspace: workspace)
        reference.expect(norms: norms, tolerance: 1e-5)
      }
    }
  }

  @Test(
    "products along the inputs are what central differences of the input gradient say",
    arguments: LayerReferenceCase.all.filter { $0.inputs != nil })
  func inputCurvature(_ reference: LayerReferenceCase) throws {
    let network = try reference.network()
    let workspace = Workspace(for: network, batchSize: reference.rows)
    let parameters = reference.flatParameters
    // Off the grid, where there are ties and kinks.
    var batch = reference.batch(Double.self)
    var generator = testGenerator()
    for index in batch.inputs.indices { batch.inputs[index] += 0.01 * generator.normal() }
    let u = batch.inputs.map { _ in generator.normal() }
    var gradient = parameters
    try network.differentiate(
      parameters: parameters, batch: batch, mode: reference.mode, workspace: workspace,
      gradient: &gradient)
    var products = LossProducts<Double>(for: network, rows: reference.rows, inputs: true)
    try network.products(
      along: [Double](repeating: 0, count: parameters.count), parameters: parameters,
      inputDirection: u, workspace: workspace, into: &products)
    let h = 1e-5
    func inputGradient(_ h: Double) throws -> [Double] {
      let inputs = zip(batch.inputs, u).map { $0 + h * $1 }
      var result = inputs
      try network.inputGradient(
        parameters: parameters, batch: Batch(inputs: inputs, targets: batch.targets),
        mode: reference.mode, workspace: workspace, into: &result)
      return result
    }
    let slope = zip(try inputGradient(h), try inputGradient(-h)).map { ($0 - $1) / (2 * h) }
    expectClose(products.inputs, slope, tolerance: 1e-6, "\(reference.name)")
  }

  @Test(
    "running statistics after a training pass are PyTorch's, the variance unbiased",
    arguments: LayerReferenceCase.all.filter { $0.statistics != nil })
  func statistics(_ reference: LayerReferenceCase) throws {
    let network = try reference.network()
    let workspace = Workspace(for: network, batchSize: reference.rows)
    var parameters = Vector(reference.flatParameters.map { Float($0) })
    let before = parameters
    var gradient = Vector(zeros: network.parameterCount)
    _ = try network.lossAndGradient(
      parameters: parameters, examples: reference.examples(for: network),
      batch: Array(0..<reference.rows), mode: reference.mode, workspace: workspace,
      gradient: &gradient)
    try network.updateStatistics(&parameters, workspace: workspace)
    let fixed = network.layout.segments.filter { $0.kind == .statistics }
    expectClose(
      fixed.flatMap { segment in segment.range.map { parameters[$0] } },
      try #require(reference.statistics), tolerance: 1e-6, "statistics")
    for segment in network.layout.segments where segment.kind != .statistics {
      #expect(segment.range.allSatisfy { parameters[$0] == before[$0] })
    }
    // An evaluation pass leaves them alone.
    let moved = parameters
    _ = try network.lossAndGradient(
      parameters: parameters, examples: reference.examples(for: network),
      batch: Array(0..<reference.rows), workspace: workspace, gradient: &gradient)
    try network.updateStatistics(&parameters, workspace: workspace)
    #expect(parameters == moved)
  }
}

extension LayerReferenceCase {
  /// The batch as labelled examples.
  func examples(for network: Network) throws -> LabeledExamples {
    try LabeledExamples(
      features: flatInputs.map { Float($0) }, labels: try #require(labels),
      shape: network.inputShape, classes: network.classes)
  }

  /// Compares what PyTorch says with what was computed.
  func expect<Value: BinaryFloatingPoint & Sendable>(
    loss: Double, gradient: [Value], inputs: [Value], products: LossProducts<Value>,
    tolerance: Double
  ) {
    #expect(isClose(loss, self.loss, tolerance: tolerance), "\(name): loss")
    expectClose(gradient, self.gradient, tolerance: tolerance, "\(name): gradient")
    expectClose(
      products.parameters, parameterProduct, tolerance: tolerance, "\(name): Hessian-vector product"
    )
    // Tokens have no derivative.
    let none = inputs.map { _ in 0.0 }
    expectClose(inputs, inputGradient ?? none, tolerance: tolerance, "\(name): input gradient")
    expectClose(
      products.inputs, inputProduct ?? none, tolerance: tolerance, "\(name): mixed product")
    if let targetProduct {
      expectClose(
        products.targets, targetProduct, tolerance: tolerance, "\(name): product by the targets")
    }
  }

  func expect(norms: [Double], tolerance: Double) {
    expectClose(
      norms.map { $0 * $0 }, squaredNorms ?? [], tolerance: tolerance, "\(name): squared norms")
  }
}

/// Expects the largest difference to be at most `tolerance` of the largest reference value.
func expectClose<Value: BinaryFloatingPoint>(
  _ values: [Value], _ reference: [Double], tolerance: Double, _ what: Comment,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let scale = reference.reduce(0) { max($0, abs($1)) }
  let difference = largestDifference(values.map { Double($0) }, reference)
  // Where the references are rounding noise around 0, as for what a norm cancels, so may these be.
  #expect(
    difference <= tolerance * max(scale, 1e-3), "\(what): off by \(difference), largest \(scale)",
    sourceLocation: sourceLocation)
}
