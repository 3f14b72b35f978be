namespace Chasqui.Server.Storage.Sqlite;

/// <summary>The one connection that writes the file.</summary>
internal sealed class SqliteWriteSession : WriteSession
{
    private readonly WalCheckpointer? _checkpointer;

    public SqliteWriteSession(SqliteDatabase database, bool checkpoints)
        : base(database.Connect(), prepares: true) => _checkpointer = checkpoints ? new WalCheckpointer(database, this) : null;

    public override void Begin(IReadOnlyList<Write> batch) => Command("BEGIN IMMEDIATE", []).ExecuteNonQuery();

    public override void Commit() => Command("COMMIT", []).ExecuteNonQuery();

    public override void Rollback() => Command("ROLLBACK", []).ExecuteNonQuery();

    public override int TouchHealth(DateTimeOffset now) =>
        Connection().Execute("UPDATE health SET checked_at = @now WHERE id = 1", new { now });

    public override void AfterCommit(int pages) => _checkpointer?.AfterCommit(pages);

    public override void BeforeClose() => _checkpointer?.Finish();
}
