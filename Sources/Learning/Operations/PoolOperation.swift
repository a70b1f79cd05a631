internal import CKernels

/// The largest value or the mean of each window of a channel-last image.
///
/// Both are linear once the place of the largest value is known, and that is kept: the first of
/// equals in the window's row-major order, or a NaN if there is one.
struct PoolOperation: Operation {
  enum Kind: Sendable, Hashable {
    case max
    case average
  }

  let kind: Kind
  let channels: Int
  let inHeight: Int
  let inWidth: Int
  let kernelHeight: Int
  let kernelWidth: Int
  let strideHeight: Int
  let strideWidth: Int
  let paddingHeight: Int
  let paddingWidth: Int

  var outHeight: Int { (inHeight + 2 * paddingHeight - kernelHeight) / strideHeight + 1 }
  var outWidth: Int { (inWidth + 2 * paddingWidth - kernelWidth) / strideWidth + 1 }
  var inputs: Int { inHeight * inWidth * channels }
  var outputs: Int { outHeight * outWidth * channels }

  func cacheBytes(rows: Int, bytesPerValue: Int) -> Int {
    kind == .max ? rows * outputs * MemoryLayout<Int32>.stride : 0
  }

  func forward<S: Scalar>(_ site: Site<S>, mode: PassMode) {
    switch kind {
    case .max:
      S.maxPool(pool, x: site.x, y: site.y, argument: argument(site), rows: site.rows)
    case .average: S.averagePool(pool, x: site.x, y: site.y, rows: site.rows)
    }
  }

  func inputGradient<S: Scalar>(_ site: Site<S>, into dx: UnsafeMutablePointer<S>) {
    spread(site, site.dy, into: dx)
  }

  func tangentForward<S: Scalar>(_ site: TangentSite<S>) {
    guard let xTangent = site.xTangent else {
      return site.yTangent.update(repeating: 0, count: site.base.rows * outputs)
    }
    switch kind {
    case .max:
      S.maxPoolGather(
        pool, x: xTangent, argument: argument(site.base), y: site.yTangent, rows: site.base.rows)
    case .average: S.averagePool(pool, x: xTangent, y: site.yTangent, rows: site.base.rows)
    }
  }

  func tangentInputGradient<S: Scalar>(
    _ site: TangentSite<S>, into dxTangent: UnsafeMutablePointer<S>
  ) {
    spread(site.base, site.dyTangent, into: dxTangent)
  }

  private func spread<S: Scalar>(
    _ site: Site<S>, _ dy: UnsafePointer<S>, into dx: UnsafeMutablePointer<S>
  ) {
    switch kind {
    case .max: S.maxPoolScatter(pool, dy: dy, argument: argument(site), dx: dx, rows: site.rows)
    case .average: S.averagePoolScatter(pool, dy: dy, dx: dx, rows: site.rows)
    }
  }

  private func argument<S: Scalar>(_ site: Site<S>) -> UnsafeMutablePointer<Int32> {
    site.cache.bindMemory(to: Int32.self, capacity: site.rows * outputs)
  }

  private var pool: learning_pool {
    learning_pool(
      channels: channels, in_height: inHeight, in_width: inWidth, out_height: outHeight,
      out_width: outWidth, kernel_height: kernelHeight, kernel_width: kernelWidth,
      stride_height: strideHeight, stride_width: strideWidth, padding_height: paddingHeight,
      padding_width: paddingWidth)
  }
}
