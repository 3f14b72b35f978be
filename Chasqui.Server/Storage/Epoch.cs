namespace Chasqui.Server.Storage;

/// <summary>Within one epoch a <c>seq</c> names one message. A restored database starts a new epoch.</summary>
internal static class Epoch
{
    private const int Bytes = 8;

    /// <summary>Reads the epoch. Starts one if there is none.</summary>
    public static string Of(DbConnection connection)
    {
        const string Select = "SELECT value FROM epoch";
        if (connection.ExecuteScalar<string>(Select) is { } epoch)
        {
            return epoch;
        }

        // Another server may start with the same database at the same time: the first insert wins.
        connection.Execute(
            "INSERT INTO epoch (id, value) VALUES (1, @value) ON CONFLICT DO NOTHING",
            new { value = RandomNumberGenerator.GetHexString(2 * Bytes, lowercase: true) });
        return connection.ExecuteScalar<string>(Select)!;
    }

    /// <summary>The next server that starts with the database starts a new epoch.</summary>
    public static void End(DbConnection connection) => connection.Execute("DELETE FROM epoch");
}
