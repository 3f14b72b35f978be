namespace Chasqui.Server.Storage;

/// <summary>
/// A connection and its statements, which it prepares for SQLite. Npgsql prepares repeated statements without it, on every
/// connection of its pool.
/// </summary>
internal abstract class Session(DbConnection connection, bool prepares) : IDisposable
{
    private readonly Dictionary<string, DbCommand> _commands = new(ReferenceEqualityComparer.Instance);

    /// <summary>For statements that are too rare to stay prepared.</summary>
    public virtual DbConnection Connection() => connection;

    /// <summary>
    /// A statement that stays prepared until the connection closes, for what every message or request runs. It is found by
    /// reference: the text is a constant. Names and values of parameters are in the same order.
    /// </summary>
    public virtual DbCommand Command(string sql, string[] parameters, params ReadOnlySpan<object?> values)
    {
        var isKnown = _commands.TryGetValue(sql, out var command);
        if (command is null)
        {
            command = connection.CreateCommand();
            command.CommandText = sql;
            foreach (var name in parameters)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = name;
                command.Parameters.Add(parameter);
            }
        }

        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        if (!isKnown)
        {
            if (prepares)
            {
                command.Prepare();
            }

            _commands.Add(sql, command);
        }

        return command;
    }

    public abstract void Dispose();

    protected void Close()
    {
        foreach (var command in _commands.Values)
        {
            command.Dispose();
        }

        connection.Dispose();
    }
}
