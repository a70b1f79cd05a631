internal import Glibc

/// Reads and replaces regular files as a whole.
package enum WholeFile {
  /// Bytes that a tensor file may have at most, and its values together, so that neither a lying
  /// header nor a packed member exhausts memory: 4 GiB.
  static let limit = 4 << 30

  /// The content of the file at `path`.
  package static func read(_ path: String) throws(TensorFileError) -> [UInt8] {
    let place = TensorPlace(file: path)
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw place.error(reason(errno)) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw place.error(reason(errno)) }
    try checkKind(status, place: place)
    let size = Int(status.st_size)
    guard size <= limit else {
      throw place.error("the file has \(size) bytes", expected: "at most \(limit)")
    }
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
      while initialized < size {
        let start = buffer.baseAddress.map { $0 + initialized }
        let count = Glibc.read(descriptor, start, size - initialized)
        if count < 0, errno == EINTR { continue }
        if count < 0 { failure = errno }
        if count <= 0 { break }
        initialized += count
      }
    }
    guard failure == 0 else { throw place.error("the file cannot be read: \(reason(failure))") }
    return bytes
  }

  /// The names in the folder at `path`, in no order; nil if it is no folder that can be read.
  package static func list(_ path: String) -> [String]? {
    guard let folder = opendir(path) else { return nil }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      names.append(name)
    }
    return names
  }

  /// Makes `bytes` the content of the file at `path`: written beside it, then renamed, so that
  /// whoever reads it finds the old content or the new, never a part.
  package static func replace(_ path: String, with bytes: [UInt8]) throws(TensorFileError) {
    let place = TensorPlace(file: path)
    var status = stat()
    if stat(path, &status) == 0 { try checkKind(status, place: place) }
    let target = resolved(path)
    let temporary = "\(target).\(getpid()).\(UInt32.random(in: 0 ... .max)).part"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw place.error("cannot be written: \(reason(errno))") }
    let failure = write(bytes, to: descriptor)
    let closed = close(descriptor)
    guard failure == nil, closed == 0, rename(temporary, target) == 0 else {
      let code = failure ?? errno
      unlink(temporary)
      throw place.error("cannot be written: \(reason(code))")
    }
  }

  /// Makes a new file at `path`, never in place of another one; if it `isSecret`, one that only its
  /// owner may read, from the first byte on.
  package static func create(
    _ path: String, with bytes: [UInt8], isSecret: Bool
  ) throws(TensorFileError) {
    let place = TensorPlace(file: path)
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, isSecret ? 0o600 : 0o666)
    guard descriptor >= 0 else { throw place.error("cannot be written: \(reason(errno))") }
    let failure = write(bytes, to: descriptor)
    let closed = close(descriptor)
    guard failure == nil, closed == 0 else {
      let code = failure ?? errno
      unlink(path)
      throw place.error("cannot be written: \(reason(code))")
    }
  }

  /// Whether something is at `path`, a broken link included.
  static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  /// Checks that a file could stand at `path`: its folder exists, nothing else is in the way.
  static func checkDestination(_ path: String) throws(TensorFileError) {
    let place = TensorPlace(file: path)
    var status = stat()
    if stat(path, &status) == 0 { return try checkKind(status, place: place) }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    let folder = parts.dropLast().joined(separator: "/")
    guard parts.count > 1, !folder.isEmpty else { return }
    guard stat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw place.error("cannot be written: there is no folder '\(folder)'")
    }
  }

  /// Writes everything, to the disk; the error number if that fails.
  private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
    bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let start = buffer.baseAddress.map { $0 + done }
        let count = Glibc.write(descriptor, start, buffer.count - done)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return errno }
        done += count
      }
      return fsync(descriptor) == 0 ? nil : errno
    }
  }

  /// The file that a chain of symbolic links ends at.
  private static func resolved(_ path: String) -> String {
    guard let pointer = realpath(path, nil) else { return path }
    defer { free(pointer) }
    return String(cString: pointer)
  }

  private static func checkKind(_ status: stat, place: TensorPlace) throws(TensorFileError) {
    switch status.st_mode & S_IFMT {
    case S_IFREG: return
    case S_IFDIR: throw place.error("this is a folder", expected: "a file")
    default: throw place.error("this is no regular file", expected: "a file on a disk")
    }
  }

  private static func reason(_ code: Int32) -> String {
    switch code {
    case EEXIST: "there is a file of that name"
    case ENOENT: "there is no such file or folder"
    case EACCES, EPERM, EROFS: "no permission"
    case ENOTDIR: "a part of the path is a file, not a folder"
    case ENOSPC, EDQUOT: "the disk is full"
    default: String(cString: strerror(code))
    }
  }
}
