using System.Data.Common;

namespace Chasqui.Server.Storage;

/// <summary>The write connection inside a transaction.</summary>
internal sealed class WriteSession(DbConnection connection) : Session(connection)
{
    public void Begin() => Command("BEGIN IMMEDIATE", []).ExecuteNonQuery();

    public void Commit() => Command("COMMIT", []).ExecuteNonQuery();

    public void Rollback() => Command("ROLLBACK", []).ExecuteNonQuery();

    public override void Dispose() => Close();
}
