/// What every pass of one operation reads, as arrays: `rows` examples, row-major.
package struct OperationInputs<Value> {
  package var rows: Int
  /// Examples that the cache memory is made for, at least `rows`.
  package var reservedRows: Int
  package var x: [Value]
  package var w: [Value]
  package var dy: [Value]
  /// The direction of the tangent passes.
  package var v: [Value]
  /// Nil where the tangent is zero.
  package var xTangent: [Value]?
  package var dyTangent: [Value]
  /// What the gradient sinks hold at first, and their factors.
  package var target: [Value]
  package var alpha: Value
  package var beta: Value

  package init(
    rows: Int, reservedRows: Int, x: [Value], w: [Value], dy: [Value], v: [Value],
    xTangent: [Value]?, dyTangent: [Value], target: [Value], alpha: Value, beta: Value
  ) {
    self.rows = rows
    self.reservedRows = reservedRows
    self.x = x
    self.w = w
    self.dy = dy
    self.v = v
    self.xTangent = xTangent
    self.dyTangent = dyTangent
    self.target = target
    self.alpha = alpha
    self.beta = beta
  }
}

/// What every pass of one operation wrote.
package struct OperationOutputs<Value> {
  package var y: [Value]
  package var dx: [Value]
  /// The sink after `parameterGradient`.
  package var dw: [Value]
  package var squaredNorms: [Double]
  package var yTangent: [Value]
  package var dxTangent: [Value]
  /// The sink after `tangentParameterGradient`.
  package var dwTangent: [Value]
}

extension Operation {
  /// Runs every pass once, outside a network: the way to examine a single operation that does not
  /// work in place.
  ///
  /// Memory that a pass must write before it is read starts as NaN.
  func trace<S: Scalar>(_ inputs: OperationInputs<S>, mode: PassMode) -> OperationOutputs<S> {
    precondition(!worksInPlace, "an operation with two buffers")
    precondition(inputs.rows <= inputs.reservedRows, "at most as many rows as are reserved")
    let rows = inputs.rows
    precondition(
      inputs.x.count == rows * self.inputs && inputs.dy.count == rows * outputs
        && inputs.xTangent.map { $0.count == rows * self.inputs } ?? true
        && inputs.dyTangent.count == rows * outputs && inputs.w.count == parameterCount
        && inputs.v.count == parameterCount && inputs.target.count == parameterCount,
      "arrays of the operation's sizes")

    func buffer(_ values: [S]) -> UnsafeMutablePointer<S> {
      let buffer = UnsafeMutablePointer<S>.allocate(capacity: max(values.count, 1))
      buffer.initialize(from: values, count: values.count)
      return buffer
    }
    func blank(_ count: Int) -> UnsafeMutablePointer<S> {
      buffer([S](repeating: .nan, count: count))
    }
    func array(_ buffer: UnsafeMutablePointer<S>, _ count: Int) -> [S] {
      Array(UnsafeBufferPointer(start: buffer, count: count))
    }
    func memory(_ bytes: Int) -> UnsafeMutableRawPointer {
      let memory = UnsafeMutableRawPointer.allocate(byteCount: max(bytes, 64), alignment: 64)
      memory.initializeMemory(as: UInt8.self, repeating: 0xff, count: max(bytes, 64))
      return memory
    }

    let bytes = MemoryLayout<S>.size
    let x = buffer(inputs.x)
    let y = blank(rows * outputs)
    let w = buffer(inputs.w)
    let dy = buffer(inputs.dy)
    let dx = blank(rows * self.inputs)
    let dw = buffer(inputs.target)
    let v = buffer(inputs.v)
    let xTangent = inputs.xTangent.map(buffer)
    let yTangent = blank(rows * outputs)
    let dyTangent = buffer(inputs.dyTangent)
    let dxTangent = blank(rows * self.inputs)
    let dwTangent = buffer(inputs.target)
    let cache = memory(cacheBytes(rows: inputs.reservedRows, bytesPerValue: bytes))
    let tangentCache = memory(tangentCacheBytes(rows: inputs.reservedRows, bytesPerValue: bytes))
    let norms = UnsafeMutablePointer<Double>.allocate(capacity: rows)
    norms.initialize(repeating: 0, count: rows)
    defer {
      for pointer in [x, y, w, dy, dx, dw, v, yTangent, dyTangent, dxTangent, dwTangent] {
        pointer.deallocate()
      }
      xTangent?.deallocate()
      cache.deallocate()
      tangentCache.deallocate()
      norms.deallocate()
    }

    let site = Site(rows: rows, x: x, y: y, w: UnsafePointer(w), dy: dy, cache: cache)
    forward(site, mode: mode)
    inputGradient(site, into: dx)
    addSquaredNorms(site, to: norms)
    parameterGradient(
      site, sink: GradientSink(target: dw, alpha: inputs.alpha, beta: inputs.beta))
    let tangents = TangentSite(
      base: site, v: UnsafePointer(v), xTangent: xTangent, yTangent: yTangent,
      dyTangent: dyTangent, cache: tangentCache)
    tangentForward(tangents)
    tangentInputGradient(tangents, into: dxTangent)
    tangentParameterGradient(
      tangents, sink: GradientSink(target: dwTangent, alpha: inputs.alpha, beta: inputs.beta))
    return OperationOutputs(
      y: array(y, rows * outputs), dx: array(dx, rows * self.inputs),
      dw: array(dw, parameterCount),
      squaredNorms: Array(UnsafeBufferPointer(start: norms, count: rows)),
      yTangent: array(yTangent, rows * outputs), dxTangent: array(dxTangent, rows * self.inputs),
      dwTangent: array(dwTangent, parameterCount))
  }
}

extension ConvolutionOperation {
  /// Every pass once, in double precision.
  package func trace(_ inputs: OperationInputs<Double>) -> OperationOutputs<Double> {
    trace(inputs, mode: .evaluation)
  }

  /// Every pass once, in single precision.
  package func trace(_ inputs: OperationInputs<Float>) -> OperationOutputs<Float> {
    trace(inputs, mode: .evaluation)
  }
}
