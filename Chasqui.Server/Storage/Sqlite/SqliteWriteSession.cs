namespace Chasqui.Server.Storage.Sqlite;

/// <summary>The one connection that writes the file.</summary>
internal sealed class SqliteWriteSession : WriteSession
{
    private readonly WalCheckpointer? _folding;

    /// <param name="database">The file.</param>
    /// <param name="folds">Whether folding the write-ahead log into the database is its business, and not another process's.</param>
    public SqliteWriteSession(SqliteDatabase database, bool folds)
        : base(database.Connect()) => _folding = folds ? new WalCheckpointer(database, this) : null;

    public override void Begin(IReadOnlyList<Write> batch) => Command("BEGIN IMMEDIATE", []).ExecuteNonQuery();

    public override void Commit() => Command("COMMIT", []).ExecuteNonQuery();

    public override void Rollback() => Command("ROLLBACK", []).ExecuteNonQuery();

    public override void AfterCommit(int weight) => _folding?.Continue(weight);

    public override void BeforeClose() => _folding?.Finish();
}
