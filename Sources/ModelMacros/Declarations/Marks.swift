#if ModelMacros
/// The key, or one of its columns in the order they are declared in.
///
/// One key that is optional is made by the engine; others are assigned. Two columns are a ``RoostORM/CompositeKey``, more a struct `Key` whose
/// properties are named like them; a `Key` that the model declares is made by an initializer with their names.
@attached(peer)
public macro Key() = #externalMacro(module: "RoostModelMacrosPlugin", type: "MarkMacro")

/// The column's name, where it does not follow from that of the property.
@attached(peer)
public macro Column(_ name: String) = #externalMacro(module: "RoostModelMacrosPlugin", type: "MarkMacro")

/// The column holds JSON, the property what it decodes to; nil is `NULL`.
@attached(peer)
public macro JSONColumn() = #externalMacro(module: "RoostModelMacrosPlugin", type: "MarkMacro")

/// The property is a struct in columns of its own: an ``Embeddable(prefix:naming:isOptional:)``, or an ``RoostORM/Embedded`` written by
/// hand with its columns as `Columns`.
///
/// - Parameter prefix: begins the names of its columns here, in place of the struct's own prefix: for a struct embedded twice.
@attached(peer)
public macro Embedded(prefix: String? = nil) = #externalMacro(module: "RoostModelMacrosPlugin", type: "MarkMacro")

/// Counts the row's updates: an update of a row that was changed since it was read is the error `staleWrite`.
@attached(peer)
public macro Version() = #externalMacro(module: "RoostModelMacrosPlugin", type: "MarkMacro")

/// Set to the current time when the model is inserted.
@attached(peer)
public macro Created() = #externalMacro(module: "RoostModelMacrosPlugin", type: "MarkMacro")

/// Set to the current time when the model is inserted, and whenever it is updated.
@attached(peer)
public macro Updated() = #externalMacro(module: "RoostModelMacrosPlugin", type: "MarkMacro")

/// Set to the current time in place of a delete; `all` passes over such rows.
@attached(peer)
public macro SoftDelete() = #externalMacro(module: "RoostModelMacrosPlugin", type: "MarkMacro")

/// The database computes the column: it is read and never written; see ``RoostORM/Mapping/computed(_:)``.
@attached(peer)
public macro Computed() = #externalMacro(module: "RoostModelMacrosPlugin", type: "MarkMacro")

/// The property is in no row: it has its initial value in every model that is read.
@attached(peer)
public macro NotAColumn() = #externalMacro(module: "RoostModelMacrosPlugin", type: "MarkMacro")
#endif
